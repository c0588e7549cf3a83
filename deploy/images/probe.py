# ruff: noqa: INP001  (a script, of no package)
"""Ends with 0 where a process of this container is ready: `python probe.py PORT`. For engines that ask by a command."""

import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=3) as connection:
    connection.sendall(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
    sys.exit(b" 200 " not in connection.recv(32))
