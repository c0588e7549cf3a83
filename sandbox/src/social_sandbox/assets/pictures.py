"""Drawn product pictures: JPEG, sRGB, between 4:5 and 1.91:1, 1080 to 1200 pixels wide, far below every size limit."""

import hashlib
import io
import math
from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import Image, ImageCms, ImageDraw

QUALITY = 88


@dataclass(frozen=True, slots=True)
class Motif:
    """A mug on a table, in a format and three colours."""

    width: int
    height: int
    wall: tuple[int, int, int]
    table: tuple[int, int, int]
    mug: tuple[int, int, int]


MOTIFS = {
    "picture.jpg": Motif(1080, 1080, (244, 236, 222), (201, 160, 120), (38, 93, 171)),
    "picture-portrait.jpg": Motif(1080, 1350, (226, 238, 234), (150, 170, 140), (196, 84, 61)),
    "picture-landscape.jpg": Motif(1200, 630, (236, 231, 243), (168, 150, 190), (54, 128, 96)),
}


@cache
def picture(name: str) -> bytes:
    """The JPEG of a motif; raises KeyError for a name that is none."""
    motif = MOTIFS[name]
    image = _draw(motif)
    out = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, icc_profile=profile)
    return out.getvalue()


@lru_cache(maxsize=200)
def avatar(name: str) -> bytes:
    """A small face in a colour of its own for each name."""
    digest = hashlib.sha256(name.encode()).digest()
    colour = (60 + digest[0] // 2, 60 + digest[1] // 2, 60 + digest[2] // 2)
    image = Image.new("RGB", (128, 128), colour)
    draw = ImageDraw.Draw(image)
    for left in (36, 76):
        draw.ellipse((left, 44, left + 16, 60), fill=(255, 255, 255))
    draw.arc((36, 52, 92, 100), 20, 160, fill=(255, 255, 255), width=7)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _draw(motif: Motif) -> Image.Image:
    image = Image.new("RGB", (motif.width, motif.height), motif.wall)
    draw = ImageDraw.Draw(image)
    horizon = int(motif.height * 0.68)
    draw.rectangle((0, horizon, motif.width, motif.height), fill=motif.table)
    size = min(motif.width, motif.height) * 0.42
    left, top = (motif.width - size) / 2, horizon + size * 0.18 - size
    right, bottom = left + size, top + size
    shade = _darker(motif.mug)
    draw.ellipse(
        (left - size * 0.1, bottom - size * 0.1, right + size * 0.3, bottom + size * 0.12), fill=_darker(motif.table)
    )
    draw.ellipse(
        (right - size * 0.18, top + size * 0.2, right + size * 0.3, top + size * 0.72),
        outline=shade,
        width=int(size * 0.09),
    )
    draw.rounded_rectangle((left, top + size * 0.08, right, bottom), radius=size * 0.14, fill=motif.mug)
    draw.ellipse((left, top, right, top + size * 0.18), fill=shade)
    draw.ellipse((left + size * 0.05, top + size * 0.03, right - size * 0.05, top + size * 0.15), fill=(74, 44, 28))
    for lane in (-0.18, 0.0, 0.18):
        points = [
            (motif.width / 2 + size * (lane + 0.04 * math.sin(step / 3)), top - size * 0.02 * step)
            for step in range(2, 16)
        ]
        draw.line(points, fill=(255, 255, 255), width=max(3, int(size * 0.018)))
    return image


def _darker(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = (int(part * 0.8) for part in colour)
    return red, green, blue
