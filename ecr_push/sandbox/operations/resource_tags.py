"""Resource tags of repositories, private and public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result, repository_of_arn

MAX_TAGS = 50


def tag_resource(context: Context, parameters: Parameters) -> Result:
    repository = repository_of_arn(context, parameters["resourceArn"])
    tags = {**repository.resource_tags, **checked_tags(parameters["tags"])}
    _limit(tags)
    context.state.repositories.change(context.kind, repository.name, resource_tags=tags)
    return {}


def untag_resource(context: Context, parameters: Parameters) -> Result:
    repository = repository_of_arn(context, parameters["resourceArn"])
    gone = set(parameters["tagKeys"])
    tags = {key: value for key, value in repository.resource_tags.items() if key not in gone}
    context.state.repositories.change(context.kind, repository.name, resource_tags=tags)
    return {}


def list_tags_for_resource(context: Context, parameters: Parameters) -> Result:
    repository = repository_of_arn(context, parameters["resourceArn"])
    return {"tags": [{"Key": key, "Value": value} for key, value in repository.resource_tags.items()]}


def checked_tags(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Returns the tags as a mapping. Raises EcrError InvalidTagParameterException or TooManyTagsException.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-using-tags.html#tag-restrictions
    """
    checked: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key", ""), tag.get("Value", "")
        if not 1 <= len(key) <= 128 or len(value) > 256 or key.lower().startswith("aws:") or key in checked:
            raise EcrError(
                "InvalidTagParameterException",
                f"Invalid parameter at 'tags' failed to satisfy constraint: the tag '{key}' has 1 to 128 "
                "characters, is given once and does not start with 'aws:', its value has at most 256",
            )
        checked[key] = value
    _limit(checked)
    return checked


def _limit(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise EcrError("TooManyTagsException", f"A repository has at most {MAX_TAGS} tags, not {len(tags)}")
