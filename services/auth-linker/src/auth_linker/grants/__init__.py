"""Authorizations at platforms: their life, their rows, and the vault of their tokens."""
