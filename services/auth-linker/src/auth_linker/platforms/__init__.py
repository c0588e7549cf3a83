"""What each platform can do."""
