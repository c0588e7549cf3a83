"""What every service needs, with no business word in it."""
