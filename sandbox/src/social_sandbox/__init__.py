"""The social platforms and the identity provider, simulated."""
