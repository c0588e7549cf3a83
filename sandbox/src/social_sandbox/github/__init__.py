"""GitHub, simulated: OAuth for both kinds of app, REST 2026-03-10 (and 2022-11-28), GraphQL."""
