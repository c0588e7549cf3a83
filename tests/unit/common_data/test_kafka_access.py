"""What Kafka's clients are told of the way in, and what is refused before any of them is made."""

import ssl
from pathlib import Path

import pytest

from social_common.kafka_access import KafkaAccess, client_options
from social_common.secrets import Secret
from social_common.settings import BAD_SETTINGS_EXIT, ServiceSettings, load_settings


def test_addresses_alone_ask_for_nothing() -> None:
    """A broker of the local stack takes everybody."""
    assert client_options("a:9092,b:9092") == {
        "bootstrap_servers": ["a:9092", "b:9092"],
        "security_protocol": "PLAINTEXT",
    }


def test_with_sasl_the_client_proves_who_it_is_over_a_verified_connection() -> None:
    """The password is given to the client alone, and names of brokers are checked."""
    options = client_options(KafkaAccess("a:9093", "SASL_SSL", username="social-publisher", password=Secret("hidden")))

    context = options.pop("ssl_context")

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert options == {
        "bootstrap_servers": ["a:9093"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "social-publisher",
        "sasl_plain_password": "hidden",
    }


def test_the_settings_say_all_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And never show the password."""
    authority = tmp_path / "ca.crt"
    authority.touch()
    for name, value in {
        "KAFKA_BOOTSTRAP_SERVERS": "a:9093",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_CA_FILE": str(authority),
        "KAFKA_USERNAME": "social-publisher",
        "KAFKA_PASSWORD": "hidden",
    }.items():
        monkeypatch.setenv(name, value)

    access = load_settings(ServiceSettings).kafka_access

    assert (access.servers, access.protocol, access.ca_file) == ("a:9093", "SASL_SSL", authority)
    assert (access.username, access.password and access.password.reveal()) == ("social-publisher", "hidden")
    assert "hidden" not in repr(access)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "needs KAFKA_USERNAME and KAFKA_PASSWORD"),
        ("KAFKA_SECURITY_PROTOCOL", "TLS", "KAFKA_SECURITY_PROTOCOL is not valid"),
        ("KAFKA_CA_FILE", "/nowhere/ca.crt", "KAFKA_CA_FILE is not valid: there is no such file"),
    ],
)
def test_half_a_way_in_ends_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
) -> None:
    """At the start and in one sentence, before a worker could wait for brokers that refuse it."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        load_settings(ServiceSettings)

    error = capsys.readouterr().err
    assert (ended.value.code, error.count("\n")) == (BAD_SETTINGS_EXIT, 1)
    assert said in error
