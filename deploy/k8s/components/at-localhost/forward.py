"""Carries TCP connections on: `python forward.py LISTEN=TARGET...`, each a host:port.

Every connection is made anew, so a Service behind it spreads them over its pods, and those that end take none.
"""  # noqa: INP001  # a script, mounted as a file

import asyncio
import contextlib
import signal
import sys

_CHUNK = 65536


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    try:
        there_reader, there_writer = await asyncio.open_connection(host, port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(_pour(reader, there_writer), _pour(there_reader, writer))
    for one in (there_writer, writer):
        one.close()


async def _listen(rule: str) -> asyncio.Server:
    here, there = (part.rsplit(":", maxsplit=1) for part in rule.split("="))

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _carry(reader, writer, there[0], int(there[1]))

    return await asyncio.start_server(accept, here[0], int(here[1]))


async def main(rules: list[str]) -> None:
    """Listens until SIGTERM."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    servers = [await _listen(rule) for rule in rules]
    await stop.wait()
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
