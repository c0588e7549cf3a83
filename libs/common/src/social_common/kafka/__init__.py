"""Consuming and producing on Kafka: one way in (`subscribe`), one way out (the outbox and its relay)."""
