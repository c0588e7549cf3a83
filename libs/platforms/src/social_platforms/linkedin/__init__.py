"""LinkedIn: members through the self-serve app, organisations through the Community Management app."""
