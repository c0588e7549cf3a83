"""A stand-in for Supabase Auth under `/auth/v1`, for the local stack and tests.

Written so that supabase-js can sign up, sign in, refresh, read the user and sign out. Times are the sandbox clock's,
real time is nowhere; the signing key and the people survive a restart where a state directory is given.
"""
