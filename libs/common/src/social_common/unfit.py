"""What keeps a process from beginning, apart from the modules that find it: those bring Kafka's client along."""


class Unfit(Exception):
    """The process must not begin; the text says in one sentence what is wrong and what to do."""


class OlderDatabase(Unfit):
    """Kafka has events of this service that its database does not know: it was restored to an earlier point."""


class BadSetting(Unfit, ValueError):
    """Settings that make no sense together; the text names them and says what would."""
