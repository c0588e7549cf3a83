"""YouTube: videos of a channel."""
