"""An image's whole name where a rule takes a part of a tag: the action makes `HOST-NAME-latest` of it."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.reference import not_a_tag_alone
from ecr_push.tags.metadata_action.template import Template

# The attributes whose text becomes a part of the tag as it is.
_OF_A_TAG = frozenset({"value", "prefix", "suffix"})


def whole_names(template: Template, attribute: str) -> Iterable[str]:
    """What is wrong with such a value or affix; nothing where it is as it should be."""
    text = "".join(part if isinstance(part, str) else "tag" for part in template.parts)
    whole = {"prefix": f"{text}tag", "suffix": f"tag{text}"}.get(attribute, text)
    if attribute in _OF_A_TAG and (why := not_a_tag_alone(whole)):
        yield why
