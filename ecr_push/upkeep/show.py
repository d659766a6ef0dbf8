"""Plans as text and as JSON, and repositories as the file that describes them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecr_push.base.place import Place
from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.as_file import as_wanted, entry_of
from ecr_push.upkeep.compare import access_lines, as_data
from ecr_push.upkeep.model import RepositoryPlan

# What can never be changed, so that it is said before a repository is created.
_FOR_EVER = "encryption"
_ANYWHERE = Place("")  # the policy of a repository names none


def lines_of(plans: Sequence[RepositoryPlan]) -> Iterator[str]:
    """What differs, repository by repository, and a summary."""
    for plan in plans:
        if plan.differs:
            yield from _lines(plan)
            yield ""
    yield summary_of(plans, "to create", "to change", "as they are to be")


def summary_of(plans: Sequence[RepositoryPlan], created: str, changed: str, same: str) -> str:
    """`1 created, 2 changed, 3 as they were`."""
    create = sum(not plan.exists for plan in plans)
    change = sum(plan.exists and plan.differs for plan in plans)
    return f"{create} {created}, {change} {changed}, {len(plans) - create - change} {same}"


def _lines(plan: RepositoryPlan) -> Iterator[str]:
    if not plan.exists:
        yield f"+ {plan.name}"
        chosen = plan.wanted.encryption or "AES256, the default"
        entry = entry_of(plan.wanted) | {_FOR_EVER: f"{chosen}: ECR never changes it later"}
        yield from _entry_lines(entry, plan.wanted.policy or "", _ANYWHERE)
        return
    yield f"{'!' if plan.impossible else '~'} {plan.name}"
    for change in plan.changes:
        if len(change.lines) == 1:
            yield f"    {change.key}: {change.lines[0]}"
        else:
            yield f"    {change.key}:"
            yield from (f"      {line}" for line in change.lines)
        if change.key == "lifecycle" and plan.wanted.lifecycle:
            yield f"      what it deletes: ecr-push lifecycle test -r {plan.name} --lifecycle FILE"


def settings_lines(found: Mapping[str, RepositorySettings]) -> Iterator[str]:
    """Repositories as they are, one after the other."""
    if not found:
        yield "There is no repository."
    for number, one in enumerate(found.values()):
        if number:
            yield ""
        yield one.name
        yield from _entry_lines(entry_of(as_wanted(one)), one.policy, Place.of_repository(one.arn))


def _entry_lines(entry: Mapping[str, Any], policy: str, place: Place) -> Iterator[str]:
    """What the file says of a repository, key by key, with the words of its policy."""
    for key, value in entry.items():
        if isinstance(value, list):
            yield f"    {key}:" if key == "lifecycle" else f"    {key}: {', '.join(value)}"
            if key == "lifecycle":
                yield from (f"      - {sentence}" for sentence in value)
        elif key == "tags":
            yield from (f"    tag {name}: {of}" for name, of in sorted(value.items()))
        elif key == "policy":
            yield f"    {key}:"
            yield from (f"      {line}" for line in access_lines(policy, place))
        elif key == "lifecycle":
            yield f"    {key}:"
            yield from (f"      {line}" for line in value.splitlines())
        else:
            yield f"    {key}: {_plain(value)}"


def settings_document(found: Mapping[str, RepositorySettings]) -> dict[str, Any]:
    """The same for programs. A policy that there is not is null."""
    return {
        "repositories": [
            {
                "name": one.name,
                "arn": one.arn,
                "mutability": one.mutability,
                "exceptions": list(one.exceptions),
                "scanOnPush": one.scan_on_push,
                "encryption": one.encryption,
                "kmsKey": one.kms_key or None,
                "lifecycle": as_data(one.lifecycle),
                "policy": as_data(one.policy),
                "tags": dict(one.tags),
            }
            for one in found.values()
        ]
    }


def document_of(plans: Sequence[RepositoryPlan]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "repositories": [
            {
                "name": plan.name,
                "action": "create" if not plan.exists else "change" if plan.changes else "none",
                "changes": [
                    {"key": one.key, "possible": one.can_be_made, "lines": list(one.lines)}
                    for one in plan.changes
                ],
            }
            for plan in plans
        ]
    }


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(of)}" for name, of in value.items())
    if isinstance(value, list):
        return "; ".join(map(_plain, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
