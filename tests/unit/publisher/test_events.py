"""The events of posts have exactly the fields of the design."""

from publisher.events import EVENT_MODELS

COMMON = "post_id campaign_id connection_id user_id revision platform"
DESIGN = {
    "post.scheduled": f"{COMMON} kind product_id scheduled_at",
    "post.canceled": f"{COMMON} reason canceled_at",
    "post.published": (
        f"{COMMON} platform_id kind product_id platform_post_id permalink scheduled_at posted_at attempts settled_by "
        "may_be_duplicate"
    ),
    "post.failed": f"{COMMON} product_id status error attempts failed_at settled_by may_be_duplicate",
}


def test_the_fields_are_the_designs() -> None:
    """No field more, none less."""
    found = {topic: set(model.model_fields) for topic, model in EVENT_MODELS.items()}
    assert found == {topic: set(fields.split()) for topic, fields in DESIGN.items()}
