"""Google Business Profile, as its contract describes it: accounts, locations, standing, local posts, performance.

Five hosts with one way in (`access`): a token with the right scope, an approved project, a quota per minute. `bodies`,
`rules` and `photos` decide what a local post may be, `lifecycle` what becomes of it as the sandbox's time passes.
"""
