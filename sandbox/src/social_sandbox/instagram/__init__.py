"""Instagram with Instagram Login (flavour A), as its contract describes it.

`oauth` hands out tokens, `access` admits calls, `containers` is the life of unpublished media, `publishing` its
endpoints, `media` and `profile` what can be read, `insights` and `account_insights` the figures. Everything that the
contract calls uncertain is a switch (`switches`). The sandbox's clock decides about every age, lag and window.
"""
