"""YouTube: Data API v3 with its uploads, and Analytics API v2, as their contract describes them.

`access` admits calls and charges the quota, `uploads` and `sessions` take the bytes, `metadata` reads what a video
says of itself, `videos`, `channels`, `playlists`, `searching` and `reports` are the endpoints, `lifecycle` moves a
video on as time passes. What the contract calls uncertain is a switch (`switches`). Who somebody is, is Google's
business: see `google_identity`.
"""
