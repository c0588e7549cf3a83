"""X, API v2, as its contract describes it.

`oauth` hands out tokens, `access` admits calls, `media`, `posts`, `lookup`, `users` and `metrics` are the endpoints,
`vocabulary` chooses the words of an answer, `rewriting` and `text` say what X makes of a text. Everything that the
contract calls uncertain is a switch (`switches`). The sandbox's clock decides about every age, lag and window.
"""
