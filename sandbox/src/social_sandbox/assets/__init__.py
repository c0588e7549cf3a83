"""Pictures and a video of our own making under `/assets/`, within the rules of every platform."""
