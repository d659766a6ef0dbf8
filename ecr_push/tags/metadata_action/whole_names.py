"""An image's whole name where a rule takes a part of a tag: the action makes `HOST-NAME-latest` of it.

A line of nothing else is one of docker/build-push-action's `tags`, often docker/metadata-action's output:
each of its tags is a rule. Whether its repository is the run's own is a check of the settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.base.reference import not_a_tag_alone, whole_name
from ecr_push.tags.metadata_action.template import Template

# The attributes whose text becomes a part of the tag as it is.
_OF_A_TAG = frozenset({"value", "prefix", "suffix"})


def images_of(fields: Sequence[str]) -> Sequence[tuple[str, str]]:
    """(repository, tag) of each field of a line that names images alone; none for any other line."""
    found = [whole_name(field) for field in fields if field]
    return found if all(tag for _, tag in found) else []


def whole_names(template: Template, attribute: str) -> Iterable[str]:
    """What is wrong with such a value or affix; nothing where it is as it should be."""
    text = "".join(part if isinstance(part, str) else "tag" for part in template.parts)
    whole = {"prefix": f"{text}tag", "suffix": f"tag{text}"}.get(attribute, text)
    if attribute in _OF_A_TAG and (why := not_a_tag_alone(whole)):
        yield why
