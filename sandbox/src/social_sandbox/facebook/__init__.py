"""Facebook Pages, as their contract describes them.

`dialog` is where people consent, `token_endpoint` makes codes into tokens and long ones of short ones, `tokens` knows
how tokens live and die, `access` admits calls and `limits` counts them. `wall` holds the posts of the Pages and their
times; `feed`, `photos`, `videos`, `reels` and `uploads` write, `reading`, `editing` and the two insights read. What the
contract calls uncertain is a switch (`switches`). The sandbox's clock decides about every age, lag and window.
"""
