"""The local stack: make run, make demo, make token."""
