"""Planning: what a merchant asks of posts, and what is answered."""
