"""How Kafka is reached: where the brokers are, and as whom. Every client of ours is made with these options."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from social_common.secrets import Secret

Protocol: TypeAlias = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
MECHANISM: Final = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """The brokers with the way in. Passwords are proven by SCRAM, so that they never travel."""

    servers: str
    protocol: Protocol = "PLAINTEXT"
    ca_file: Path | None = None
    username: str | None = None
    password: Secret | None = None


Brokers: TypeAlias = "str | KafkaAccess"
"""Addresses alone, `host:port` with commas, are brokers that ask for nothing."""


def client_options(brokers: Brokers) -> dict[str, Any]:
    """What any client of aiokafka takes; reads the file of the authority where there is one."""
    access = KafkaAccess(brokers) if isinstance(brokers, str) else brokers
    options: dict[str, Any] = {"bootstrap_servers": access.servers.split(","), "security_protocol": access.protocol}
    if access.protocol.endswith("SSL"):
        options["ssl_context"] = ssl.create_default_context(cafile=access.ca_file)
    if access.protocol.startswith("SASL") and access.password is not None:
        options |= {
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": access.username,
            "sasl_plain_password": access.password.reveal(),
        }
    return options
