"""One folder per social platform: oauth, posts, metrics, errors, limits."""
