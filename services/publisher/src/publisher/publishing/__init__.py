"""Publishing: preparing, the one creating call, and settling its doubts."""
