"""A four-second video: H.264 and AAC in MP4, the index first, no edit lists, closed groups of pictures.

720 by 720 pixels at 30 frames a second fits X (at most 1280x1024), Instagram reels (at least 3 s) and YouTube.
"""

import math
import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from PIL import Image, ImageDraw

NAME = "video.mp4"
SIZE = 720
FRAMES_PER_SECOND = 30
SECONDS = 4
SAMPLE_RATE = 48_000
_TONE_HZ = 330


@cache
def video() -> bytes:
    """The MP4. Takes about a second of CPU the first time: call it in a thread."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        _write(path)
        return path.read_bytes()


def _write(path: Path) -> None:
    # Without `use_editlist=0` the encoder's delay becomes an edit list, which Instagram refuses.
    options = {"movflags": "faststart", "use_editlist": "0"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        picture = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        picture.width = picture.height = SIZE
        picture.pix_fmt = "yuv420p"
        picture.options = {"preset": "veryfast", "crf": "26", "bf": "0", "g": "30", "flags": "+cgop"}
        sound = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for number in range(FRAMES_PER_SECOND * SECONDS):
            frame = av.VideoFrame.from_image(_frame(number))  # type: ignore[no-untyped-call]  # PyAV's own gap
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
            container.mux(picture.encode(frame))
        container.mux(picture.encode())
        for start in range(0, SAMPLE_RATE * SECONDS, 1024):
            container.mux(sound.encode(_samples(start)))
        container.mux(sound.encode())


def _frame(number: int) -> Image.Image:
    image = Image.new("RGB", (SIZE, SIZE), (30, 36, 48))
    draw = ImageDraw.Draw(image)
    turn = 2 * math.pi * number / (FRAMES_PER_SECOND * SECONDS)
    for index, colour in enumerate(((38, 93, 171), (196, 84, 61), (54, 128, 96))):
        angle = turn + index * 2 * math.pi / 3
        x, y = SIZE / 2 + 190 * math.cos(angle), SIZE / 2 + 190 * math.sin(angle)
        draw.ellipse((x - 90, y - 90, x + 90, y + 90), fill=colour)
    return image


def _samples(start: int) -> av.AudioFrame:
    count = min(1024, SAMPLE_RATE * SECONDS - start)
    values = (int(2500 * math.sin(2 * math.pi * _TONE_HZ * (start + i) / SAMPLE_RATE)) for i in range(count))
    frame = av.AudioFrame(format="s16", layout="mono", samples=count)
    frame.planes[0].update(b"".join(value.to_bytes(2, "little", signed=True) for value in values))
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
    return frame
