"""X: rotating refresh tokens, and a create without an idempotency key."""
