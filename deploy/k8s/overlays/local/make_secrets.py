"""The secrets of a trial cluster, made anew and printed as one list for `kubectl apply -f -`; nothing is kept here."""  # noqa: INP001

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from social_stack.environment import PLATFORMS
from social_stack.secrets import SERVICES, StackSecrets, keep_secrets

Json = dict[str, Any]


def make_secrets(folder: Path, *, namespace: str = "social-local", database: str = "social-postgres:5432") -> Json:
    """One List of Secrets: passwords by role, keys by service, and the sandbox's own apps. `folder` is scratch."""
    made = keep_secrets(folder)

    def url(role: str) -> str:
        return f"postgresql://{role}:{made.passwords[role]}@{database}/postgres"

    secrets = {
        "social-postgres": {"POSTGRES_PASSWORD": made.passwords["postgres"]},
        "social-bootstrap": {"BOOTSTRAP_DATABASE_URL": url("postgres")},
        "social-sandbox": {"SANDBOX_DATABASE_URL": url("social_sandbox")},
        "social-platforms": _apps(),
        "social-trust": {"service-trust.json": made.trust.read_text()},
    }
    for service in SERVICES:
        role = service.replace("-", "_")
        secrets |= {
            f"social-{service}-keys": _keys(made, service),
            f"social-{service}-api": {"API_DATABASE_URL": url(f"{role}_api")},
            f"social-{service}-worker": {"WORKER_DATABASE_URL": url(f"{role}_worker")},
            f"social-{service}-migrate": {"MIGRATION_DATABASE_URL": url(f"{role}_owner")},
        }
    return {"apiVersion": "v1", "kind": "List", "items": [_secret(name, namespace, secrets[name]) for name in secrets]}


def _apps() -> dict[str, str]:
    apps: dict[str, str] = {}
    for platform in PLATFORMS:
        apps |= {
            f"{platform.upper()}_CLIENT_ID": "sandbox-client",
            f"{platform.upper()}_CLIENT_SECRET": "sandbox-secret",
        }
    return apps | {
        "LINKEDIN_COMMUNITY_CLIENT_ID": "sandbox-community-client",
        "LINKEDIN_COMMUNITY_CLIENT_SECRET": "sandbox-community-secret",
    }


def _keys(made: StackSecrets, service: str) -> dict[str, str]:
    return {
        "token-keys.json": made.token_keys(service).read_text(),
        "service-key.json": made.service_key(service).read_text(),
    }


def _secret(name: str, namespace: str, data: dict[str, str]) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "stringData": data,
    }


def main() -> None:
    """Prints them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", default="social-local", help="where they belong (social-local)")
    parser.add_argument("--database", default="social-postgres:5432", help="the database's host and port")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = make_secrets(Path(folder), namespace=arguments.namespace, database=arguments.database)
    json.dump(made, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
