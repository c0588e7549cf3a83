"""Instagram: long-lived tokens renewed by exchange, and publishing in two steps through a container."""
