"""The vault, the refresh loop and the token broker."""
