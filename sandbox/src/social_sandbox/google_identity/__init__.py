"""Who people are at Google, and what they let an app do: the part that Google's platforms share.

`oauth.GoogleOAuth(simulator).routes()` are the hosts of the identity; `access.admitting` makes a handler of work that
needs a token; `family.GooglePlatform` is the simulator's base. Consents, tokens and people belong to the family, not to
one platform: a project is its client id, whichever platform it was registered on, and a person is a `sub`.
"""
