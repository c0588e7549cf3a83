"""The two vocabularies of X, old words of tweets and new words of posts, and which fields each knows.

In the new one some fields are expansions only. The switch `vocabulary` (`asked`, `old`, `new`) forces one of them onto
every answer; `refused_parameter` makes one of the two query parameters a 400.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from social_sandbox.x.errors import invalid_request
from social_sandbox.x.switches import XSwitches


class Vocabulary(StrEnum):
    """Which words an answer is written in."""

    OLD = "old"
    NEW = "new"


_OLD_WORDS = {
    "edit_history_post_ids": "edit_history_tweet_ids",
    "repost_count": "retweet_count",
    "post_count": "tweet_count",
    "note_post": "note_tweet",
    "referenced_posts": "referenced_tweets",
    "pinned_post_id": "pinned_tweet_id",
    "most_recent_post_id": "most_recent_tweet_id",
    "posts": "tweets",
}

_POST_FIELDS = frozenset(
    {
        "article",
        "article_title",
        "attachments",
        "card_uri",
        "community_id",
        "context_annotations",
        "conversation_id",
        "created_at",
        "display_text_range",
        "edit_controls",
        "entities",
        "geo",
        "id",
        "lang",
        "matched_media_notes",
        "media_metadata",
        "non_public_metrics",
        "note_post",
        "note_request_suggestions",
        "organic_metrics",
        "paid_partnership",
        "possibly_sensitive",
        "promoted_metrics",
        "public_metrics",
        "reply_settings",
        "scopes",
        "source",
        "suggested_source_links",
        "suggested_source_links_with_counts",
        "text",
        "withheld",
    }
)
_EXPANSION_ONLY = frozenset(
    {"author_id", "referenced_posts", "in_reply_to_user_id", "edit_history_post_ids", "username"}
)
_EXPANSIONS = _EXPANSION_ONLY | {
    "article.cover_media",
    "article.media_entities",
    "attachments.media_keys",
    "attachments.media_source_tweet",
    "attachments.poll_ids",
    "entities.mentions.username",
    "geo.place_id",
}
_OLD_EXPANSIONS = frozenset({"referenced_tweets.id", "referenced_tweets.id.author_id"})
_USER_FIELDS = frozenset(
    {
        "affiliation",
        "confirmed_email",
        "connection_status",
        "created_at",
        "description",
        "entities",
        "id",
        "is_identity_verified",
        "location",
        "name",
        "parody",
        "profile_banner_url",
        "profile_image_url",
        "protected",
        "public_metrics",
        "receives_your_dm",
        "subscribes_to_you",
        "subscription",
        "subscription_type",
        "url",
        "username",
        "verified",
        "verified_followers_count",
        "verified_type",
        "withheld",
    }
)
_USER_EXPANSIONS = frozenset({"pinned_post_id", "most_recent_post_id", "affiliation.user_id"})
_MEDIA_FIELDS = frozenset(
    {
        "alt_text",
        "duration_ms",
        "height",
        "media_key",
        "non_public_metrics",
        "organic_metrics",
        "preview_image_url",
        "promoted_metrics",
        "public_metrics",
        "type",
        "url",
        "variants",
        "width",
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked to see, in new words, and the words to answer in."""

    vocabulary: Vocabulary
    post: frozenset[str]
    user: frozenset[str]
    media: frozenset[str]
    expansions: frozenset[str]


def read_asked(query: Mapping[str, str], switches: XSwitches, *, of_users: bool = False) -> Asked:
    """Read the field parameters of a request; unknown values are refused."""
    refused = switches.refused_parameter
    if refused and refused in query:
        raise invalid_request(
            refused, query[refused], f"The query parameter [{refused}] is not one of the allowed ones"
        )
    vocabulary = _vocabulary(query, switches)
    parameter = "post.fields" if "post.fields" in query else "tweet.fields"
    old = parameter == "tweet.fields"
    known_posts = _POST_FIELDS | (_EXPANSION_ONLY if old else frozenset())
    known_expansions = _USER_EXPANSIONS if of_users else _EXPANSIONS
    return Asked(
        vocabulary,
        _values(query, parameter, _in_words(known_posts, old=old)),
        _values(query, "user.fields", _USER_FIELDS | _in_words(_USER_EXPANSIONS, old=True)),
        _values(query, "media.fields", _MEDIA_FIELDS),
        _values(query, "expansions", known_expansions | _in_words(known_expansions, old=True) | _OLD_EXPANSIONS),
    )


def put(value: Any, vocabulary: Vocabulary) -> Any:
    """Rewrite the keys of an answer from new words to the vocabulary's."""
    if vocabulary is Vocabulary.NEW:
        return value
    if isinstance(value, dict):
        return {_OLD_WORDS.get(key, key): put(inner, vocabulary) for key, inner in value.items()}
    return [put(inner, vocabulary) for inner in value] if isinstance(value, list) else value


def forced(switches: XSwitches) -> Vocabulary:
    """The words of an answer to which no field parameter belongs: old ones, unless the switch says otherwise."""
    return Vocabulary.NEW if switches.vocabulary == "new" else Vocabulary.OLD


def _vocabulary(query: Mapping[str, str], switches: XSwitches) -> Vocabulary:
    if switches.vocabulary != "asked":
        return Vocabulary(switches.vocabulary)
    return Vocabulary.NEW if "post.fields" in query else Vocabulary.OLD


def _values(query: Mapping[str, str], parameter: str, known: frozenset[str]) -> frozenset[str]:
    asked = [value for value in query.get(parameter, "").split(",") if value]
    for value in asked:
        if value not in known:
            listing = ", ".join(sorted(known))
            message = f"The `{parameter}` query parameter value [{value}] is not one of [{listing}]"
            raise invalid_request(parameter, query[parameter], message)
    new_words = {old: new for new, old in _OLD_WORDS.items()}
    return frozenset(new_words.get(value, value) for value in asked)


def _in_words(names: frozenset[str], *, old: bool) -> frozenset[str]:
    return frozenset(_OLD_WORDS.get(name, name) for name in names) if old else names
