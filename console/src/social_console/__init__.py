"""The console's server: serves the screens, keeps the session, and is one origin for the three APIs."""
