"""Outcome -> the texts and tables of the HTML report, except the findings. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import ExceptionResult, Treatment, Verdict
from ecr_push.release.rollback import Rollback
from ecr_push.report.html_rows import Row, moment
from ecr_push.report.tests_text import counted
from ecr_push.report.verification import lacking

if TYPE_CHECKING:
    from ecr_push.pipeline.deployment import Deployment

_ATTENTION: tuple[str, ...] = ("expired", "outgrown", "unused", "used")


@dataclass(frozen=True)
class Headline:
    """The result: one word, its tone, and what it means."""

    word: str
    tone: Literal["good", "bad", "unsure", "plain"]
    summary: str


@dataclass(frozen=True)
class LayerFindings:
    """A layer, and the findings in its packages. origin is empty if the base image is not known."""

    digest: str
    origin: Literal["base image", "own", ""]
    severities: Mapping[Severity, int]
    refusing: int

    @property
    def found(self) -> int:
        return sum(self.severities.values())


@dataclass(frozen=True)
class TagLine:
    """A release tag, its result in words, and where it pointed before."""

    name: str
    result: str
    reason: str = ""
    before: str = ""


def headline(outcome: Outcome, rows: Sequence[Row]) -> Headline:
    if outcome.failure:
        return _failed(outcome, outcome.failure)
    if outcome.verdict is None and outcome.rollback:
        return _put_back(outcome, outcome.rollback)
    if outcome.verification and not outcome.verification.passed:
        lacks = "; ".join(lacking(outcome.verification))
        return Headline("Not verified", "bad", f"The image lacks what is required of it: {lacks}.")
    if outcome.deployment:
        return _deployed(outcome.deployment)
    if outcome.verification:
        return Headline("Verified", "good", "The image has everything that is required of it.")
    if outcome.checked:
        return Headline("Checked", "plain", sentence(outcome.checked))
    if outcome.local:
        return Headline("Built", "plain", f"{outcome.local}: on one machine alone, not pushed or judged.")
    if outcome.is_part:
        return Headline(
            "Built", "plain", "The image is a part of another one. Nothing was scanned or judged."
        )
    if outcome.verdict is None:
        return Headline("Planned", "plain", "Nothing was built, pushed or evaluated.")
    if outcome.status == "test-failed":
        summary = f"{sentence(counted(outcome.failed_tests, outcome.tests))}{_none_moved(outcome)}"
        return Headline("Test failed", "bad", summary)
    if outcome.verdict.accepted:
        return Headline("Accepted", "good", f"The policy accepts this image. {_moved(outcome)}")
    refusing = [row for row in rows if row.refuses]
    if outcome.verdict.observed:
        summary = f"{_refusal(outcome.verdict, refusing)} The policy is only observed. {_moved(outcome)}"
        return Headline("Observed", "unsure", summary)
    summary = f"{_refusal(outcome.verdict, refusing)}{_none_moved(outcome)}"
    if failed := outcome.failed_tests:
        summary += f" {sentence(counted(failed, outcome.tests))}"
    return Headline("Refused", "bad", summary)


def _put_back(outcome: Outcome, rollback: Rollback) -> Headline:
    """Describes a rollback to an image that was accepted when it was released, and is not evaluated again."""
    tag, after = rollback.tag, rollback.after
    if outcome.status == "planned":
        return Headline("Planned", "plain", f"{tag} would go back to {after}. {_moved(outcome)}")
    was = "It was accepted when it was released, and was not evaluated again."
    return Headline("Accepted", "good", f"{tag} points to {after}. {was}")


def _deployed(deployment: Deployment) -> Headline:
    from ecr_push.report.deployment import headline as headline_of

    summary = sentence(headline_of(deployment))
    if deployment.result == "planned":
        return Headline("Planned", "plain", summary)
    return Headline("Deployed", "good", summary)


def _failed(outcome: Outcome, failure: Failure) -> Headline:
    tags = (
        " The image was accepted, and some release tags may point to it already."
        if outcome.may_have_moved
        else _none_moved(outcome)
    )
    if failure.kind == "interrupted":
        return Headline(
            "Interrupted", "unsure", f"The run was {failure.what}, in phase {failure.phase}.{tags}"
        )
    if failure.kind == "scan":
        summary = f"The scan gave no answer, which does not count as accepted: {failure.what}.{tags}"
        return Headline("No answer", "unsure", summary)
    return Headline("Failed", "bad", f"In phase {failure.phase}: {failure.what}.{tags}")


def _moved(outcome: Outcome) -> str:
    results = Counter(one.result for one in outcome.promoted)
    if results["planned"]:
        return "This was a dry run: no release tag was moved."
    here = results["moved"] + results["already"]
    if not outcome.promoted:
        return "No release tag was requested."
    said = f"{plural(here, 'release tag')} {'points' if here == 1 else 'point'} to it."
    return said + (f" {results['kept']} stayed where {_were(results['kept'])}." if results["kept"] else "")


def _were(count: int) -> str:
    return "it was" if count == 1 else "they were"


def _refusal(verdict: Verdict, refusing: Sequence[Row]) -> str:
    counts = Counter(row.finding.severity for row in refusing)
    said = []
    if refusing:
        words = ", ".join(f"{counts[one]:,} {one.name.lower()}" for one in sorted(counts, reverse=True))
        verb = "breaks" if len(refusing) == 1 else "break"
        said.append(f"{plural(len(refusing), 'finding')} ({words}) {verb} the policy.")
    elif verdict.broken:
        said.append(f"It breaks {plural(len(verdict.broken), 'rule')} of the policy.")
    said += map(sentence, verdict.errors)
    return " ".join(said)


def _none_moved(outcome: Outcome) -> str:
    return " No release tag was moved." if outcome.moves_tags else ""


def pieces(text: str) -> list[tuple[str, bool]]:
    """Returns text in pieces, each with whether it stands between backticks: it is code then."""
    return [(piece, bool(number % 2)) for number, piece in enumerate(re.split("`([^`]+)`", text)) if piece]


def find_layers(rows: Sequence[Row], base: frozenset[str]) -> list[LayerFindings]:
    """Returns the layers with findings: by the number of refusing findings, then of all findings."""
    brought: dict[str, list[Row]] = {}
    for row in rows:
        for layer in sorted(row.layers):
            brought.setdefault(layer, []).append(row)
    layers = [
        LayerFindings(
            digest,
            ("base image" if digest in base else "own") if base else "",
            Counter(row.finding.severity for row in found),
            sum(row.refuses for row in found),
        )
        for digest, found in brought.items()
    ]
    return sorted(layers, key=lambda one: (-one.refusing, -one.found, one.digest))


@dataclass(frozen=True)
class BaselineChanges:
    """How many findings the baseline does not have, and how many it also has."""

    new: int
    known: int


def find_changes(rows: Sequence[Row]) -> BaselineChanges:
    known = sum(row.treatment is Treatment.KNOWN for row in rows)
    return BaselineChanges(len(rows) - known, known)


def tag_lines(outcome: Outcome) -> list[TagLine]:
    """Returns every release tag, in the order of promotion."""
    before = outcome.preflight.points_to if outcome.preflight else {}
    became = {one.tag: one for one in outcome.promoted}
    names = [tag.tag for tag in outcome.plan.tags] if outcome.plan else list(became)
    words = {"moved": "moved here", "already": "was here", "kept": "stayed", "planned": "would move"}
    return [
        TagLine(
            tag.name,
            words[became[tag].result] if tag in became else "not moved",
            became[tag].reason if tag in became else "",
            before[tag].short if tag in before else "",
        )
        for tag in names
    ]


def exceptions_by_need(verdict: Verdict | None) -> list[ExceptionResult]:
    """Returns the exceptions, those that need attention first."""
    found = verdict.exceptions if verdict else ()
    return sorted(found, key=lambda one: (_ATTENTION.index(one.state), one.until, one.text))


def last_moment(outcome: Outcome) -> datetime | None:
    """Returns when the run ended, or else when the last scan ended."""
    scans = outcome.scan.platforms if outcome.scan else ()
    return outcome.run.finished_at or max(
        filter(None, (moment(one.completed_at) for one in scans)), default=None
    )


def unlisted(outcome: Outcome) -> int:
    """Returns how many findings ECR counts but does not list."""
    scans = outcome.scan.platforms if outcome.scan else ()
    return sum(sum(one.counts.values()) - len(one.findings) for one in scans)


def sentence(text: str) -> str:
    """Returns text as a sentence."""
    text = capital(text)
    return text if text.endswith((".", "!", "?")) else text + "."


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def plural(count: int, noun: str) -> str:
    """Returns `1 finding`, `12 findings`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
