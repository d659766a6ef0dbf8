"""The story of a rollback, with a registry in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecr_push.base.errors import (
    AuthenticationError,
    ConflictError,
    EcrPushError,
    Interrupted,
    RegistryError,
    SettingsError,
    UndecidedError,
)
from ecr_push.base.log import Redactor
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.roll_back import roll_back
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.interface import RegistryImage, RepositoryClient
from ecr_push.registry.oci import Manifest
from ecr_push.report import document, text
from ecr_push.tags.labels import (
    BRANCH_LABEL,
    COMMIT_LABEL,
    CREATED_LABEL,
    INPUTS_LABEL,
    VERSION_LABEL,
)
from tests.support.builders import no_builders
from tests.support.fakes import MUTABLE, START, FakeClock, FakeNarrator, FakeRepository, digest, manifest
from tests.support.settings import settings

BAD, GOOD, OLD, REFUSED, THEIRS = (manifest(name) for name in ("bad", "good", "old", "refused", "theirs"))
FROZEN = replace(MUTABLE, mutability="IMMUTABLE")
OURS = {INPUTS_LABEL: "0" * 16}
TAGS = {
    "1.4.0": OLD.digest,
    "1.4.1": GOOD.digest,
    **dict.fromkeys(["1.4.2", "1.4", "1", "latest"], BAD.digest),
    "candidate-0123456789ab-1": REFUSED.digest,
    "theirs": THEIRS.digest,
}


def repository(kind: type[FakeRepository] = FakeRepository, **changed: Any) -> FakeRepository:
    given: dict[str, Any] = {
        "tags": TAGS,
        "manifests": [BAD, GOOD, OLD, REFUSED, THEIRS],
        "labels": {
            OLD.digest: {**OURS, VERSION_LABEL: "1.4.0"},
            GOOD.digest: {**OURS, VERSION_LABEL: "1.4.1"},
            BAD.digest: {**OURS, VERSION_LABEL: "1.4.2"},
            REFUSED.digest: {**OURS, VERSION_LABEL: "1.4.3"},
        },
    }
    return kind(**{**given, **changed})


class Run:
    """One rollback: what it printed, and its outcome."""

    def __init__(
        self,
        client: RepositoryClient,
        name: str = "latest",
        to: str = "",
        *,
        dry: bool = False,
        clock: FakeClock | None = None,
    ) -> None:
        self.narrator, self.error = FakeNarrator(), None
        if dry:
            client = DryRun(client, self.narrator)  # type: ignore[assignment]
        tools = Tools(
            lambda target: client, no_builders, {}, clock or FakeClock(), self.narrator, Redactor(), "run1"
        )  # fmt: skip
        self.record = Record(tools, sandbox=False)
        try:
            roll_back(name, to, settings(repository="team/app"), tools, self.record)
        except (EcrPushError, Interrupted) as error:
            self.error = error
        self.outcome = self.record.outcome
        self.code = self.outcome.exit_code

    error: EcrPushError | Interrupted | None

    @property
    def printed(self) -> str:
        return "\n".join(self.narrator.said)


def test_latest_goes_back_and_says_what_it_did() -> None:
    registry = repository()
    run = Run(registry)
    assert (run.code, run.outcome.status) == (0, "accepted")
    assert registry.tags == {**TAGS, "latest": GOOD.digest}
    assert registry.log == ["latest"]
    assert run.narrator.said[0] == f"latest: 1.4.2 ({BAD.digest.short}) -> 1.4.1 ({GOOD.digest.short})"
    for part in ("--to 1.4.2", "the next release above 1.4.2 moves latest on", "re-run of 1.4.2's pipeline"):
        assert part in run.printed
    assert f"still at 1.4.2 ({BAD.digest.short}): 1, 1.4" in run.printed


def test_the_document_has_where_it_was_and_where_it_is() -> None:
    written = document.document(Run(repository()).outcome)
    assert written["image"]["digest"] == GOOD.digest.value
    assert written["rollback"] == {
        "tag": "latest",
        "before": {"digest": BAD.digest.value, "name": "1.4.2"},
        "after": {"digest": GOOD.digest.value, "name": "1.4.1"},
        "judged": False,
    }
    assert written["tags"] == [
        {
            "tag": "latest",
            "kind": "latest",
            "before": BAD.digest.value,
            "result": "moved",
            "reason": "was 1.4.2",
        }
    ]


def test_a_second_run_goes_back_one_more_and_warns_without_an_image() -> None:
    registry = repository()
    Run(registry)
    named = Run(registry, to="1.4.1")
    assert (named.code, registry.log) == (0, ["latest"])
    assert "already points to 1.4.1" in named.printed
    assert document.document(named.outcome)["tags"][0]["result"] == "already"
    again = Run(registry)
    assert registry.tags["latest"] == OLD.digest
    assert "below 1.4.2" in again.narrator.warned[0]


def test_a_dry_run_writes_nothing_and_says_what_it_would_do() -> None:
    registry = repository()
    run = Run(registry, dry=True)
    assert (run.code, run.outcome.status, registry.log) == (0, "planned", [])
    assert "would move latest: 1.4.2" in run.printed
    assert "would move  latest" in text.render(run.outcome)


@pytest.mark.parametrize(
    ("changed", "given", "kind", "what"),
    [
        ({}, {"name": "lastest"}, SettingsError, "did you mean 'latest'"),
        ({"state": None}, {}, RegistryError, "there is no repository team/app"),
        ({"state": FROZEN}, {}, ConflictError, "does not let this tag move"),
        ({"state": FROZEN}, {"to": "1.4.1"}, ConflictError, "PutImageTagMutability"),
        ({"tags": {"latest": BAD.digest, "1.0.0": OLD.digest}}, {}, UndecidedError, "has no version tag"),
    ],
)  # fmt: skip
def test_nothing_is_written_where_it_cannot_be_done(
    changed: dict[str, Any], given: dict[str, str], kind: type[EcrPushError], what: str
) -> None:
    registry = repository(**changed)
    run = Run(registry, **given)  # type: ignore[arg-type]
    assert type(run.error) is kind
    assert what in str(run.error)
    assert "No release tag was moved." in text.render(run.outcome)
    assert registry.log == []


def test_an_immutable_repository_allows_the_tags_own_image() -> None:
    assert Run(repository(state=FROZEN), to="1.4.2").code == 0


class Raced(FakeRepository):
    """Another pipeline moves the tag after our first look."""

    other: Digest | None = digest("1.4.3")

    def images(self) -> tuple[RegistryImage, ...]:
        found = super().images()
        if self.other:
            self.tags["latest"] = self.other
        else:
            del self.tags["latest"]
        return found


class Gone(Raced):
    other = None


class Helped(Raced):
    other = GOOD.digest


@pytest.mark.parametrize(("kind", "reason"), [(Raced, "now points to"), (Gone, "now it is gone")])
def test_a_tag_that_someone_moved_meanwhile_is_left_alone(kind: type[FakeRepository], reason: str) -> None:
    registry = repository(kind)
    run = Run(registry)
    assert (run.code, registry.log) == (4, [])
    assert "moved by another process" in str(run.error)
    assert reason in str(run.error)


def test_a_tag_that_someone_put_back_meanwhile_is_a_success() -> None:
    registry = repository(Helped)
    run = Run(registry)
    assert (run.code, registry.log) == (0, [])
    assert "another process has moved it" in run.printed


class Breaks(FakeRepository):
    error: BaseException = RegistryError("AWS could not be reached", remedy="check the network")

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        super().put_tag(manifest, tag)
        raise self.error


class Stopped(Breaks):
    error = Interrupted(15)


@pytest.mark.parametrize(("kind", "code"), [(Breaks, 4), (Stopped, 143)])
def test_an_interrupted_move_is_not_reported_as_failed(kind: type[FakeRepository], code: int) -> None:
    """ECR may have moved the tag, and a blind repetition would go back one more version."""
    run = Run(repository(kind))
    assert run.code == code
    report = text.render(run.outcome)
    assert "--to 1.4.1 is safe to repeat" in report
    assert "No release tag was moved" not in report
    assert "run again" not in report


class StoppedAfter(FakeRepository):
    def scan_answer(self, digest: Digest) -> Mapping[str, Any] | None:
        raise Interrupted(15)


def test_an_interruption_after_the_move_does_not_ask_for_another_run() -> None:
    registry = repository(StoppedAfter)
    run = Run(registry)
    assert (run.code, registry.tags["latest"]) == (143, GOOD.digest)
    report = text.render(run.outcome)
    assert "--to 1.4.1 is safe to repeat" in report
    assert "run again" not in report


def answer(**counts: int) -> dict[str, Any]:
    body = {"findings": [], "findingSeverityCounts": counts, "imageScanCompletedAt": "2026-01-02"}
    return {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": body}


@pytest.mark.parametrize(
    ("found", "warned"),
    [
        (answer(CRITICAL=2, LOW=1), ["2 CRITICAL, 1 LOW"]),
        (answer(), []),
        (None, []),
        ({"imageScanStatus": {"status": "PENDING"}}, []),
        (AwsRefusedError("ServerException", "no", "ecr:DescribeImageScanFindings"), []),
        (AuthenticationError("refused"), []),
    ],
)
def test_an_accepted_image_comes_back_whatever_its_scan_says_by_now(
    found: Any, warned: Sequence[str]
) -> None:
    registry = repository(answers=lambda of: found)
    run = Run(registry)
    assert (run.code, registry.tags["latest"]) == (0, GOOD.digest)
    assert registry.scans_started == []
    assert len(run.narrator.warned) == len(warned)
    for warning, part in zip(run.narrator.warned, warned, strict=True):
        assert part in warning


@pytest.mark.parametrize("to", ["theirs", THEIRS.digest.value])
def test_an_image_without_our_labels_is_judged_first(to: str) -> None:
    refused = repository(answers=lambda of: answer(CRITICAL=1))
    run = Run(refused, to=to)
    assert (run.code, refused.log) == (10, [])
    registry = repository(answers=lambda of: answer(LOW=1))
    run = Run(registry, to=to)
    assert (run.code, registry.tags["latest"]) == (0, THEIRS.digest)
    assert run.outcome.verdict
    assert document.document(run.outcome)["rollback"]["judged"] is True


def test_an_image_of_ours_that_no_release_tag_names_is_judged_first() -> None:
    """A user can set a tag on a refused candidate too."""
    registry = repository(labels={THEIRS.digest: OURS}, answers=lambda of: answer(HIGH=1))
    run = Run(registry, to="theirs")
    assert (run.code, registry.log) == (10, [])


@pytest.mark.parametrize("tag", ["1.4.10", "1.4.1-patched", "sha-0123456789ab"])
def test_an_image_that_was_built_on_one_of_ours_is_judged_first(tag: str) -> None:
    """It has all labels of its base image, and someone gave it a release's tag."""
    inherited = {**OURS, VERSION_LABEL: "1.4.1-rc.1", COMMIT_LABEL: "f" * 40}
    patched = repository(
        tags={**TAGS, tag: THEIRS.digest},
        labels={THEIRS.digest: inherited},
        answers=lambda of: answer(HIGH=1),
    )
    run = Run(patched, to=tag)
    assert (run.code, patched.log) == (10, [])


def test_an_image_without_tags_is_judged_first() -> None:
    untagged = repository(
        tags={name: of for name, of in TAGS.items() if name != "theirs"}, answers=lambda of: answer(HIGH=1)
    )
    assert Run(untagged, to=THEIRS.digest.value).code == 10


def test_a_warning_names_the_image_that_would_lose_its_last_tag() -> None:
    registry = repository(tags={"latest": THEIRS.digest, "1.4.1": GOOD.digest})
    [warning] = Run(registry, to="1.4.1").narrator.warned
    assert THEIRS.digest.value in warning


def test_a_version_of_another_line_is_a_warning() -> None:
    registry = repository(
        tags={**TAGS, "1.3.9": OLD.digest, "1.3": OLD.digest},
        labels={OLD.digest: {**OURS, VERSION_LABEL: "1.3.9"}},
    )
    del registry.tags["1.4.0"]
    run = Run(registry, "1.4", "1.3.9")
    assert (run.code, run.narrator.warned) == (0, ["1.3.9 is not a version of the line 1.4"])


def test_a_branch_goes_back_by_its_labels() -> None:
    branch = {**OURS, "ecr-push.branch": "main", COMMIT_LABEL: 11 * "0"}
    registry = repository(
        tags={"sha-00000000000a": OLD.digest, "sha-00000000000b": GOOD.digest, "sha-00000000000c": BAD.digest,
              "main": BAD.digest},
        labels={OLD.digest: branch, GOOD.digest: branch, BAD.digest: branch},
        pushed_at={GOOD.digest: START + timedelta(hours=1), BAD.digest: START + timedelta(hours=2)},
    )  # fmt: skip
    run = Run(registry, "main")
    assert (run.code, registry.tags["main"]) == (0, GOOD.digest)
    assert "the next build of branch main moves main on" in run.printed


NEWER, NEWEST = manifest("newer"), manifest("newest")


class Overtakes(FakeRepository):
    """Other pipelines release right before a move of ours: `latest` is theirs, and we overwrite it."""

    def __init__(self, *releases: tuple[str, Manifest], ours: bool = True, **given: Any) -> None:
        super().__init__(**given)
        self._releases = list(releases)
        self._ours = ours

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        if self._releases:
            version, image = self._releases.pop(0)
            labels = {VERSION_LABEL: version, **(OURS if self._ours else {})}
            self.push(image, Tag(version), labels)
            self.tags["latest"] = image.digest
        return super().put_tag(manifest, tag)


def overtaking(*releases: tuple[str, Manifest], **given: Any) -> Overtakes:
    return repository(lambda **more: Overtakes(*releases, **given, **more))  # type: ignore[arg-type,return-value]


def test_a_rollback_that_overwrote_a_release_gives_the_tag_to_it_and_says_so() -> None:
    registry = overtaking(("1.5.0", NEWER))
    run = Run(registry)
    assert registry.tags["latest"] == NEWER.digest
    assert registry.log == ["latest", "latest"]
    assert (run.code, run.outcome.status) == (4, "failed")
    assert isinstance(run.error, RegistryError)
    assert run.error.what == (
        f"latest was not rolled back: 1.5.0 ({NEWER.digest.short}) was released meanwhile, and has the tag"
    )
    assert "ecr-push rollback latest --to 1.4.1" in run.error.remedy
    (tag,) = document.document(run.outcome)["tags"]
    assert (tag["result"], tag["reason"]) == ("kept", f"1.5.0 ({NEWER.digest.short}) was released meanwhile")
    assert not run.outcome.released and not run.outcome.rolled_back
    assert "not moved  latest: 1.5.0" in text.render(run.outcome)


def test_the_highest_of_several_releases_gets_it() -> None:
    registry = overtaking(("1.5.0", NEWER), ("1.6.0", NEWEST))
    run = Run(registry)
    assert registry.tags["latest"] == NEWEST.digest
    assert "1.6.0" in str(run.error)


@pytest.mark.parametrize("lower", ["1.4.0-hotfix", "1.4.1-rc.1", "1.3.9"])
def test_a_release_that_the_tag_does_not_belong_to_changes_nothing(lower: str) -> None:
    registry = repository()
    tags = registry.put_tag

    def released(image: Manifest, tag: Tag) -> bool:
        registry.push(NEWER, Tag(lower), {**OURS, VERSION_LABEL: lower})
        return tags(image, tag)

    registry.put_tag = released  # type: ignore[method-assign]
    assert Run(registry).code == 0
    assert registry.tags["latest"] == GOOD.digest


def test_an_image_that_is_not_known_to_be_accepted_does_not_get_it() -> None:
    registry = overtaking(("1.5.0", NEWER), ours=False)
    assert Run(registry).code == 0
    assert registry.tags["latest"] == GOOD.digest


def test_a_tag_that_another_process_moved_right_after_us_is_not_rolled_back() -> None:
    registry = repository()
    put = registry.put_tag

    def moved_on(image: Manifest, tag: Tag) -> bool:
        done = put(image, tag)
        registry.tags["latest"] = THEIRS.digest
        return done

    registry.put_tag = moved_on  # type: ignore[method-assign]
    run = Run(registry)
    assert (run.code, registry.log) == (4, ["latest"])
    assert "was moved by another process in the meantime" in str(run.error)
    assert registry.tags["latest"] == THEIRS.digest


def test_an_answer_that_is_older_than_our_move_is_waited_out() -> None:
    registry = repository()
    real = registry.digests
    looks: list[int] = []

    def late(tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        looks.append(1)
        stale = registry.log == ["latest"] and len(looks) < 5
        return dict.fromkeys(tags, BAD.digest) if stale else real(tags)

    registry.digests = late  # type: ignore[method-assign]
    assert Run(registry).code == 0
    assert registry.tags["latest"] == GOOD.digest


@pytest.mark.parametrize(
    ("created", "branch", "gets_it"),
    [("2026-01-05", "main", True), ("2026-01-02", "main", False), ("2026-01-05", "other", False)],
)
def test_a_branchs_newer_build_keeps_the_branchs_tag(created: str, branch: str, gets_it: bool) -> None:
    def labels(commit: str, day: str, of: str = "main") -> dict[str, str]:
        return {**OURS, COMMIT_LABEL: commit, BRANCH_LABEL: of, CREATED_LABEL: f"{day}T00:00:00Z"}

    registry = FakeRepository(
        tags={"sha-1111111": OLD.digest, "sha-2222222": BAD.digest, "main": BAD.digest},
        manifests=[OLD, BAD],
        labels={
            OLD.digest: labels("1111111", "2026-01-01"),
            BAD.digest: labels("2222222", "2026-01-03"),
        },
        pushed_at={OLD.digest: START - timedelta(days=1)},
    )
    put = registry.put_tag

    def released(image: Manifest, tag: Tag) -> bool:
        registry.push(NEWER, Tag("sha-3333333"), labels("3333333", created, branch))
        return put(image, tag)

    registry.put_tag = released  # type: ignore[method-assign]
    run = Run(registry, "main")
    assert registry.tags["main"] == (NEWER if gets_it else OLD).digest
    assert run.code == (4 if gets_it else 0)


def test_a_dry_run_looks_no_more_than_once() -> None:
    registry = overtaking(("1.5.0", NEWER))
    assert Run(registry, dry=True).code == 0
    assert registry.log == []


@pytest.mark.parametrize(("pushed", "code"), [(timedelta(minutes=59), 4), (timedelta(minutes=61), 0)])
def test_a_run_that_had_not_ended_puts_its_release_back_and_that_is_seen(
    pushed: timedelta, code: int
) -> None:
    registry = repository(pushed_at={BAD.digest: START - pushed})

    class PutsBack(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            registry.tags["latest"] = BAD.digest

    run = Run(registry, clock=PutsBack())
    assert run.code == code
    assert registry.tags["latest"] == (BAD if code else GOOD).digest
    if code:
        assert "points there again: the run that releases it had not ended yet" in str(run.error)
