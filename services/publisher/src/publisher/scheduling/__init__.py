"""Scheduling: which posts are due, who takes them, and what holds them back."""
