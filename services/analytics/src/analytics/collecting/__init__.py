"""When numbers are asked for, and asking for them."""
