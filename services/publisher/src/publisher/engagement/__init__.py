"""What analytics measured, filled into the posts."""
