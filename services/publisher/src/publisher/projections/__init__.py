"""Projections: connections as publisher knows them from events."""
