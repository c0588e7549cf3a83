"""GitHub: releases and discussions instead of a feed, several repositories behind one grant."""
