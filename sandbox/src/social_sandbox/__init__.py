"""The social platforms and the identity provider, simulated.

Written from the platform contracts alone; it shares no code with the product, so that a mistake in one is caught by
the other. Where to start reading: `platform` (what a simulator provides), `store` (everything that is remembered),
`gateway` (how a call is matched, broken on purpose, recorded and answered), `app` (how the parts are put together).
"""
