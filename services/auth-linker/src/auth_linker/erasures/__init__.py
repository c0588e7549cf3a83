"""What is revoked and forgotten, with a proof of each."""
