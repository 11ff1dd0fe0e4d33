"""Ports for the servers that the tests start."""

from __future__ import annotations

import socket
from collections import deque

_held: deque[socket.socket] = deque(maxlen=100)
"""Bounded: each is an open file of this process."""


def free_port() -> int:
    """A loopback port that nobody listens on, and that is given to nobody else for the next hundred calls.

    The port stays bound, without listening: a server that reuses addresses, as every one here does, can still open it,
    a connection to it is refused until then, and the system hands it to no other program and no outgoing connection.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    port: int = holder.getsockname()[1]
    return port
