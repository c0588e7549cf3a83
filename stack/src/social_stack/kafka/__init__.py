"""Brokers for the local stack and the tests: the embedded one from a wheel, and Apache Kafka itself from Maven."""

from social_stack.kafka.apache import apache_kafka, has_java
from social_stack.kafka.embedded import embedded_broker
from social_stack.kafka.ready import wait_for_kafka

__all__ = ["apache_kafka", "embedded_broker", "has_java", "wait_for_kafka"]
