"""LinkedIn as it answers an app with Share on LinkedIn and one with the Community Management API.

Written from LinkedIn's documents and from what public clients report. What these leave open is a switch (`switches`).
"""
