"""The places a merchant can publish to: read, disconnect, add siblings."""
