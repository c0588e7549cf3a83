"""After a restore of the database to an earlier point: what Kafka and the platforms know of posts is brought back."""
