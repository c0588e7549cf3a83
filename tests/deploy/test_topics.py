"""The declaration of topics says of names, sizes and readers what the code says."""

from pathlib import Path

import pytest

from social_cli.services import SERVICES
from social_common.kafka.declared import DeclarationError, all_specs, read_declaration
from social_common.kafka.topics import TopicSpec, dead_letter_spec

FILE = Path(__file__).parents[2] / "deploy" / "topics.toml"


def test_it_declares_what_the_services_send_and_read() -> None:
    """Every topic is there with the service that sends it and the consumers of those that read it."""
    declared = read_declaration(FILE)

    sent = {(topic.spec.name, topic.sent_by) for topic in declared}
    read = {(topic.spec.name, *pair) for topic in declared for pair in topic.read_by.items()}

    assert sent == {(topic, service.name) for service in SERVICES for topic in service.topics}
    assert read == {(topic, service.name, consumer) for service in SERVICES for topic, consumer in service.consumes}


def test_it_gives_the_sizes_that_the_code_declares() -> None:
    """On one broker, a topic made from the file is the one that a worker would make."""
    from_code = {TopicSpec(topic) for service in SERVICES for topic in service.topics}
    from_code |= {dead_letter_spec(*pair) for service in SERVICES for pair in service.consumes}

    assert set(all_specs(read_declaration(FILE, most_replicas=1))) == from_code


def test_production_keeps_three_copies_of_every_record() -> None:
    """A broker may be lost without losing a record or standing still."""
    specs = all_specs(read_declaration(FILE))

    assert {(spec.replication, spec.config()["min.insync.replicas"]) for spec in specs} == {(3, "2")}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("partitions = 6", "partitions = 0"), "events.partitions: Input should be greater than 0"),
        (("min_insync_replicas = 2", "min_insync_replicas = 4"), "events: min_insync_replicas is above replication"),
        (("sent_by", "sendby"), "sent_by: Field required"),
        (("[events]", "[events"), "is no TOML"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    """What is wrong in the file is said with its place in it."""
    wrong = tmp_path / "topics.toml"
    wrong.write_text(FILE.read_text().replace(*change, 1))

    with pytest.raises(DeclarationError, match=sentence) as refused:
        read_declaration(wrong)

    assert "\n" not in str(refused.value)
