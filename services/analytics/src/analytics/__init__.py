"""Metrics: collect, derive, report."""
