"""What `doctor` says of the registry's own settings: where they hurt a run of this repository."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.errors import AuthenticationError
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.doctor.symptom import Symptom
from ecr_push.registry.interface import Scanning
from ecr_push.settings.declare import Settings

_PAGE = "docs/registry-settings.md"


def scanning_symptom(found: Scanning, *, warns: bool = False) -> Symptom:
    """Whether the registry scans what a run pushes. warns: the policy accepts what cannot be scanned."""
    if found.mode == "none" and warns:
        what = "the registry scans nothing, and the policy accepts that: no verdict is behind a release"
        return Symptom("scanning", "warning", what, "--gate-in REPOSITORY judges it in a private repository")
    if found.mode == "none":
        what, remedy = "the registry scans nothing", "judge the image in a private repository first"
        return Symptom("scanning", "error", what, remedy, exit_code=5)
    if found.mode == "unknown":
        what = "its configuration may not be read: the wait for a scan shows which kind it is"
        return Symptom("scanning", "warning", what, "allow ecr:GetRegistryScanningConfiguration")
    if (found.mode, found.frequency) == ("enhanced", "MANUAL"):
        what = "no pattern of the registry's enhanced scanning means this repository: no image gets a result"
        return Symptom("scanning", "error", what, f"add one: {_PAGE}", exit_code=5)
    frequency = f", {found.frequency}" if found.frequency else ""
    return Symptom("scanning", "ok", f"{found.mode}{frequency}")


def replication_symptoms(name: str, settings: Settings, tools: Tools) -> Iterator[Symptom]:
    """Where the repository's images are copied, and what else goes there. name: of the repository."""
    registry, _ = tools.open_registry()
    try:
        account, rules = registry.account(), registry.replication()
    except AuthenticationError:
        if settings.release.wait_replication:
            what = "its configuration may not be read: whether --wait-replication has anything to wait for"
            yield Symptom("replication", "warning", f"{what} is not known", "allow ecr:DescribeRegistry")
        return
    if settings.registry.registry_id not in ("", account):
        return  # these are the rules of another registry
    meant = [one for one in rules if one.copies(name)]
    staying = sorted({str(place) for one in meant if not one.deletes for place in one.places})
    deleting = sorted({str(place) for one in meant if one.deletes for place in one.places})
    if staying:
        what = (
            f"each candidate is copied to {', '.join(staying)} before it is judged, and its tag stays there"
        )
        remedy = "leave candidates out by name, expire them there, or `delete: true`"
        yield Symptom("replication", "warning", what, f"{remedy}: {_PAGE}")
    if deleting:
        what = f"what a lifecycle rule or `prune` deletes here is deleted in {', '.join(deleting)}, too"
        yield Symptom("replication", "warning", what, f"see that nothing there needs it: {_PAGE}")
    if not meant and settings.release.wait_replication:
        what = "no rule of the replication names this repository, and --wait-replication waits for one"
        yield Symptom("replication", "error", what, f"add one: {_PAGE}", exit_code=4)
    elif not meant:
        yield Symptom("replication", "ok", "no rule names this repository")
