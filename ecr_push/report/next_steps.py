"""Outcome -> what to do about a run that was refused, had no answer or failed. Pure.

Every format shows these parts, in this order: what to do, where the release tags point now, how to release
the image all the same, and where to read on. A run that went well loads none of this.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.documentation import page
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import Verdict
from ecr_push.report import advice
from ecr_push.report.new_exceptions import exceptions_yaml
from ecr_push.report.read_on import OF_EXIT_CODES
from ecr_push.report.updates import some
from ecr_push.scan.findings import Finding
from ecr_push.tags.kinds import ReleaseTag, TagKind

SHOWN_UPDATES = 5
_AFTER_PROMOTION = ("release", "replicate")
_NEW_POLICY = "policy.yml"


@dataclass(frozen=True)
class Release:
    """How to release a refused image on purpose, or to judge one that had no answer.

    why:        what the command does, as the beginning of a sentence.
    command:    complete, to paste.
    exceptions: YAML that makes the policy accept what refuses the image; empty where that is not the reason.
    file:       where the exceptions belong.
    is_new:     there is no such file yet.
    """

    why: str
    command: str
    exceptions: str = ""
    file: str = ""
    is_new: bool = False

    @property
    def where(self) -> str:
        """Where the exceptions go, as the beginning of a sentence."""
        if self.is_new:
            return f"Save these exceptions as {self.file}, with the reason and who decides it"
        return f"Add these exceptions to {self.file}, with the reason and who decides it"


@dataclass(frozen=True)
class NextSteps:
    """Each part is empty where there is nothing to say.

    to_do:   clauses, without a full stop, the most effective first.
    tags:    where the floating tags of the run point now: `latest, 1.4, 1 stay at 1.4.1 (sha256:…)`.
    inspect: the reference of the candidate, which can be pulled.
    release: how to release the image all the same.
    docs:    titles and addresses of pages.
    """

    to_do: tuple[str, ...]
    tags: tuple[str, ...]
    inspect: str
    release: Release | None
    docs: tuple[tuple[str, str], ...]


def next_steps(outcome: Outcome, exceptions: int) -> NextSteps:
    """exceptions: how many of them are shown at the most."""
    return NextSteps(
        tuple(_to_do(outcome)),
        tuple(_tags(outcome)),
        advice.kept_candidate(outcome),
        _release(outcome, exceptions),
        tuple((title, page(name)) for title, name in _docs(outcome)),
    )


# ------------------------------------------------------------------------- to do


def _to_do(outcome: Outcome) -> Iterable[str]:
    if failure := outcome.failure:
        # A rollback must not be repeated blindly; and after a promotion no tag is left.
        left = outcome.may_have_moved and outcome.rollback is None and failure.phase not in _AFTER_PROMOTION
        if failure.remedy and not (left and failure.remedy == "run again"):
            yield failure.remedy
        if left:
            yield "run again to move the release tags that are left: all of them go to the accepted image"
        return
    if outcome.failed_tests:
        yield "correct what the tests of the image found"
    if outcome.verdict and not outcome.verdict.accepted:
        yield from _fixes([one.finding for one in advice.to_fix(outcome.verdict)])


def _fixes(deciding: Sequence[Finding]) -> Iterable[str]:
    updates = advice.updates(deciding)
    for one in updates[:SHOWN_UPDATES]:
        yield f"update {one.package} to {one.to}: fixes {advice.severities(one.fixes)}"
    if more := updates[SHOWN_UPDATES:]:
        named = ", ".join(f"{one.package} to {one.to}" for one in more[:10])
        rest = f" and {len(more) - 10} others" if len(more) > 10 else ""
        yield f"{len(more)} further updates fix the rest: {named}{rest}"
    # Basic scanning never reports in which version a vulnerability is fixed.
    if unfixed := [one for one in deciding if not one.fixed_in]:
        names = list(dict.fromkeys(one.package for one in unfixed if one.package))
        which = (
            "what refuses" if len(unfixed) == len(deciding) else f"{len(unfixed)} of {len(deciding)} findings"
        )
        about = f"; about the first: {unfixed[0].uri}" if unfixed[0].uri else ""
        yield (
            f"remove or replace {some(names) or 'the package'}, or take a newer base image: the scan names "
            f"no fixed version for {which}{about}"
        )


# ------------------------------------------------------------------------- where the tags are


def _tags(outcome: Outcome) -> Iterable[str]:
    if outcome.may_have_moved or not outcome.moves_tags:
        return
    images: dict[str, list[str]] = {}
    for tag, image in reversed(outcome.tags_now):
        images.setdefault(str(image) if image else "", []).append(tag.name)
    for named, tags in sorted(images.items(), key=lambda item: not item[0]):  # what is missing last
        one = len(tags) == 1
        if named:
            yield f"{some(tags)} {'stays' if one else 'stay'} at {named}"
        else:
            yield f"{some(tags)} {'does' if one else 'do'} not exist"


# ------------------------------------------------------------------------- releasing it all the same


def _release(outcome: Outcome, shown: int) -> Release | None:
    words = _words(outcome)
    if not words:
        return None
    given = outcome.run.options
    if failure := outcome.failure:
        if outcome.may_have_moved or (outcome.run.arguments and not failure.again):
            return None  # the same command again
        if failure.again:
            given = (*_without(given, failure.again[0]), *failure.again)
        why = "Judge it again" if outcome.run.arguments else "Judge and release it, without building it again"
        return Release(why, shlex.join((*words, *given)))
    verdict = outcome.verdict
    if verdict is None or verdict.releases:
        return None
    why = "Judge it again" if words[1] in ("scan", "gate") else "Release it all the same"
    if verdict.unjudged:
        return Release(why, shlex.join((*words, *_without(given, "--unscannable"), "--unscannable", "warn")))
    excepted = _excepted(verdict)
    if not excepted:
        return None
    own = verdict.policy[-1] if verdict.policy else ""
    if not own:
        given = (*given, "--policy", _NEW_POLICY)
    today = outcome.run.started_at.date() if outcome.run.started_at else None
    rest = advice.all_findings(outcome)
    return Release(
        why,
        shlex.join((*words, *given)),
        exceptions_yaml(excepted, today, shown, rest),
        own or _NEW_POLICY,
        is_new=not own,
    )


def _words(outcome: Outcome) -> tuple[str, ...]:
    """What judges the image again, without options; empty where nothing would.

    A kept candidate gets the tags of its run, without those that follow a branch: `promote` does not know the
    branch, and entered late it would move them back behind a later commit. The branch's next run sets them.
    Nor is there a command where a test of the image did not pass: `promote` runs no tests.
    """
    if outcome.run.arguments:
        return ("ecr-push", outcome.run.command, *outcome.run.arguments)
    kept = advice.kept_candidate(outcome) if all(one.ending == "passed" for one in outcome.tests) else ""
    tags = [tag.tag.name for tag in outcome.plan.tags if not _follows_branch(tag)] if outcome.plan else []
    return ("ecr-push", "promote", kept, *tags) if kept and tags else ()


def _follows_branch(tag: ReleaseTag) -> bool:
    return tag.kind is TagKind.BRANCH or (tag.kind is TagKind.LATEST and tag.line is None)


def _without(options: Sequence[str], flag: str) -> tuple[str, ...]:
    """options without a flag and its value."""
    if flag not in options:
        return tuple(options)
    at = options.index(flag)
    return (*options[:at], *options[at + 2 :])


def _excepted(verdict: Verdict) -> list[Finding]:
    """The findings with whose exceptions the policy accepts the image; none where they are not enough."""
    is_enough = not verdict.errors and all(
        rule.counted == len(rule.findings) and not rule.always for rule in verdict.broken
    )
    return [one.finding for one in advice.to_fix(verdict)] if is_enough else []


# ------------------------------------------------------------------------- where to read on


def _docs(outcome: Outcome) -> Iterable[tuple[str, str]]:
    if outcome.failure and outcome.failure.kind == "interrupted":
        yield "running again", "how-it-works.md#running-again"
    elif outcome.verdict and not outcome.verdict.accepted and not outcome.failure:
        yield "a refused image", "scanning.md#refused"
        yield "exceptions", "policy.md#exceptions"
    elif outcome.exit_code in OF_EXIT_CODES:
        yield OF_EXIT_CODES[outcome.exit_code]
