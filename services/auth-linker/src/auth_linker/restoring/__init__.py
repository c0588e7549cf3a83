"""After a restore of the database to an earlier point: what Kafka tells of places, and which grants were spent."""
