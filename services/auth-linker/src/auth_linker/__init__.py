"""Connections: OAuth, token vault, refresh, token broker."""
