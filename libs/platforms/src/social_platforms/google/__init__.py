"""Google Business Profile: updates, events and offers of a location."""
