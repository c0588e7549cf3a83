"""From collected numbers to derived ones, snapshots, history and events."""
