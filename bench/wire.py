"""The least that speaks HTTP/1.1: so cheap that a figure is the server's and not that of whoever asks."""

import asyncio
import time
from collections.abc import Sequence

_OK = b"HTTP/1.1 200"
_LENGTH = b"content-length:"


def request_of(method: str, host: str, path: str, *, bearer: str, body: str = "") -> bytes:
    """One request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {bearer}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
    return "\r\n".join([*lines, "", body]).encode()


async def ask_for(seconds: float, *, port: int, requests: Sequence[bytes], connections: int) -> float:
    """Answers a second of that many kept connections that ask without a pause; every answer must be a 200."""
    answered = 0
    ends = time.perf_counter() + seconds

    async def ask(number: int) -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        turn = number
        try:
            while time.perf_counter() < ends:
                writer.write(requests[turn % len(requests)])
                await _read_answer(reader)
                answered += 1
                turn += connections
        finally:
            writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(ask(number) for number in range(connections)))
    return answered / (time.perf_counter() - began)


async def _read_answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(_LENGTH))
    body = await reader.readexactly(int(length.removeprefix(_LENGTH)))
    if not head.startswith(_OK):
        raise RuntimeError(f"{head.splitlines()[0].decode()}: {body[:200].decode(errors='replace')}")
