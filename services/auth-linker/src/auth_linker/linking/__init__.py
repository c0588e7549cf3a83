"""Consent: from the authorize call to the chosen places."""
