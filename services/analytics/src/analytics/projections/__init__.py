"""What analytics knows of connections and posts, learned from events alone."""
