"""Merchants who left: what is purged, and when."""
