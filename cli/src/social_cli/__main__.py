"""`python -m social_cli`, the same as `social`."""

from social_cli.main import run

if __name__ == "__main__":
    run()
