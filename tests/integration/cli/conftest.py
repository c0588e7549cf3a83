"""One installation for these tests: a database of all services, a broker, key files, and one server for the rest."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.support.commands import Result
from tests.support.kafka import Kafka
from tests.support.postgres import PostgresServer, prepare_service, run_apart

from social_cli.main import main
from social_cli.services import SERVICES
from social_common.keyfiles import generate_service_key, generate_token_keys, write_trust

TOPICS = """
[events]
partitions = 2
retention_days = 30
replication = 3
min_insync_replicas = 2
largest_record_bytes = 1_048_576
[dead_letters]
partitions = 1
retention_days = 30
replication = 3
min_insync_replicas = 2
largest_record_bytes = 2_097_152
[topics."{name}"]
sent_by = "publisher"
read_by = {{ analytics = "somebody" }}
"""


@dataclass
class Installation:
    """What the commands are run against; `environ` is what an operator's shell has set."""

    server: PostgresServer
    database: str
    keys: Path
    topics: Path
    environ: dict[str, str] = field(default_factory=dict)

    def sql(self, *statements: str) -> None:
        """Run statements as the superuser."""
        for statement in statements:
            self.server.execute(statement, database=self.database)


class _Answering(BaseHTTPRequestHandler):
    """Answers everything with one key set: the identity's, and a platform that is there."""

    def do_GET(self) -> None:
        key = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
        body = json.dumps({"keys": [{**key, "kid": "one", "use": "sig"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def outside() -> Iterator[str]:
    """The address of a server that answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def installation(
    postgres: PostgresServer, kafka: Kafka, outside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """Everything in order; each test breaks its own."""

    def build(name: str) -> None:
        for service in SERVICES:
            prepare_service(postgres.service(service.package, database=name))

    database = postgres.from_template("events", build)
    environ = {"ENVIRONMENT": "development", "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers}
    environ |= {"KAFKA_EMBEDDED": str(kafka.embedded).lower(), "SUPABASE_URL": outside, "LOG_LEVEL": "error"}
    environ |= {"X_CLIENT_ID": "id", "X_CLIENT_SECRET": "planted-client-secret", "X_BASE_URL": f"{outside}/x"}
    for service in SERVICES:
        urls, prefix = postgres.service(service.package, database=database), service.package.upper()
        environ |= {
            f"{prefix}_MIGRATION_DATABASE_URL": urls.owner,
            f"{prefix}_API_DATABASE_URL": urls.api,
            f"{prefix}_WORKER_DATABASE_URL": urls.worker,
            f"{prefix}_TOKEN_KEYS_FILE": str(tmp_path / f"{service.name}-keys.json"),
            f"{prefix}_SERVICE_KEY_FILE": str(tmp_path / f"{service.name}-signing.json"),
        }
        generate_token_keys(tmp_path / f"{service.name}-keys.json")
        generate_service_key(tmp_path / f"{service.name}-signing.json")
    write_trust(tmp_path / "trust.json", {s.name: tmp_path / f"{s.name}-signing.json" for s in SERVICES})
    environ["SERVICE_TRUST_FILE"] = str(tmp_path / "trust.json")
    topics = tmp_path / "topics.toml"
    topics.write_text(TOPICS.format(name=f"{database}.things"))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    yield Installation(postgres, database, tmp_path, topics, environ)
    postgres.drop_database(database)


@pytest.fixture
def social(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run `social …` in this process, in a thread whose event loop is its own."""

    def run(*arguments: str) -> Result:
        codes: list[int] = []

        async def call() -> None:
            import asyncio

            codes.append(await asyncio.to_thread(main, arguments))

        run_apart(call())
        told = capsys.readouterr()
        return Result(codes[0], told.out, told.err)

    return run
