"""Facebook Pages: texts and links, pictures, videos and reels, in the name of a Page."""
