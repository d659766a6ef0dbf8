"""What git says about the checkout: commit, branch, tags, distance, dirtiness, time.

Git does the walking, in a handful of commands. Where it cannot know the answer (a shallow clone, tags
that were not fetched), what is missing is fetched, or we refuse; we never guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ecr_push.base.errors import SourceError
from ecr_push.ci.facts import CiFacts
from ecr_push.source.applicable_facts import believed, branch_believed, doubts, may_be_outsiders
from ecr_push.source.git.address import public_url
from ecr_push.source.git.checkout import Commit, find_checkout, read_commit, read_status
from ecr_push.source.git.clone_repair import Repair, absent_checkout, missing_tag
from ecr_push.source.git.command import GitCommand
from ecr_push.source.git.history import (
    REMOTE_HEAD,
    Refs,
    find_releases,
    follow,
    highest_on,
    last_final,
    read_refs,
)
from ecr_push.source.git.reading import Reading
from ecr_push.source.git.remote import branch_of, read_remote
from ecr_push.source.model import Source
from ecr_push.source.pull_request import meant_commit, speaks_of
from ecr_push.versions.history import ReleaseHistory

_USUAL = Reading()
_CI_ALONE = "commit, branch and tag are what the CI says, and which releases there are is not known"


def read_source(
    context: Path,
    facts: CiFacts,
    reading: Reading = _USUAL,
    *,
    now: datetime | None = None,
    say: Callable[[str], None] = lambda news: None,
) -> Source:
    """What git says about the checkout that context is in, completed by what the CI says.

    Starts git six to nine times. The network is reached where a clone is shallow, or where a CI runs us
    in one that lacks the run's tag or has no version tag at all: then say is told, before. A shallow clone
    is always deepened or refused, even on a release tag: which tags are on this commit, and which release
    is the highest (so what `latest` may be), depends on tags that such a clone need not have.

    now: the commit's time where there is no `.git`, and the CI does not tell it.

    Raises SourceError, with a remedy, where context is in no checkout and the CI names no commit, where
    the checkout has none, or where history or tags are missing and cannot be had.
    """
    checkout = find_checkout(context, trusted=facts.unattended or reading.trusted)
    if checkout is None:
        return _without_git(context, facts, reading, now)
    git = checkout.git
    remote = read_remote(git)
    if facts.of_remote:
        facts = replace(facts, branch=branch_of(remote, facts.branch))
    repair = Repair(git, checkout.root, remote, facts, reading, say)
    if checkout.shallow:
        repair.deepen()
    head, local_branch, dirty = read_status(git)
    built = read_commit(git, head)
    told = believed(facts, built)
    run_tag = told.tag if facts.commit or "tag" in told.asserted else ""
    refs, fetched, notes = _whole_refs(repair, run_tag, asked=checkout.shallow)
    _check_said(told, built, refs)
    commit = meant_commit(facts, built, refs.remote_tips)
    notes += doubts(facts, told, built)
    releases = find_releases(refs, reading)
    on = highest_on(releases)
    own = on.get(built.id)
    way = follow(checkout.at_top if reading.paths else git, built.id, on, reading.paths)
    here = refs.tags.get(built.id, ())
    outsiders = may_be_outsiders(facts, "" if dirty else built.id)
    history = ReleaseHistory(
        committed_at=(built if commit == built.id else read_commit(git, commit)).committed_at,
        branch=branch_believed(facts, told, local_branch, outsiders=outsiders),
        tags=tuple(name for tag in here if (name := reading.version_name(tag))),
        dirty=dirty,
        nearest=way.release,
        distance=way.distance,
        nearest_final=last_final(git, built.id, way, releases, reading.scheme) if reading.changes else "",
        release_tags=tuple(release.name for release in releases),
        higher_tags=tuple(one.name for one in releases if one.rank > own.rank) if own else None,
        tag_prefix=reading.tag_prefix,
        no_release=_no_release(told.pull_request, outsiders),
    )
    return Source(
        root=checkout.root,
        commit=commit,
        history=history,
        branches=refs.branches,
        remote_url=public_url(remote.url) or told.repository_url,
        default_branch=told.default_branch or _default_branch(git, refs),
        pull_request=told.pull_request,
        built_from=built.id,
        foreign=git.foreign,
        deepened=checkout.shallow or fetched,
        notes=notes,
    )


def _no_release(pull_request: str, outsiders: bool) -> str:
    if pull_request:
        return "a pull request is never released"
    return "code that may come from a fork is never released" if outsiders else ""


def _whole_refs(repair: Repair, run_tag: str, *, asked: bool) -> tuple[Refs, bool, tuple[str, ...]]:
    """All refs, whether tags had to be fetched for them, and notes.

    run_tag: the tag that the run is for. asked: the remote's tags were fetched a moment ago.
    """
    refs = read_refs(repair.git)
    fetched, note = False, ""
    if run_tag and run_tag not in refs.commits:
        if not asked:
            repair.fetch_tag(run_tag)
        fetched = True
    elif not asked and repair.facts.unattended and not find_releases(refs, repair.reading):
        fetched, note = repair.fetch_versions()
    if fetched:
        refs = read_refs(repair.git)
    if run_tag and run_tag not in refs.commits:
        raise missing_tag(run_tag, f"the run is for this tag, but {repair.remote.name} has it no more")
    return refs, fetched, (note,) if note else ()


def _check_said(told: CiFacts, built: Commit, refs: Refs) -> None:
    """What the user says of the checkout must hold of it. Raises SourceError."""
    if "commit" in told.asserted and not speaks_of(told, built):
        raise SourceError(
            f"{told.commit} is not what is checked out",
            why=f"the work tree is at {built.id}, and an image is named after what it was built from",
            remedy=f"git checkout {told.commit}, or leave --commit out",
        )
    if "tag" in told.asserted and told.tag and told.tag not in refs.tags.get(built.id, ()):
        raise SourceError(
            f"the tag {told.tag!r} is not on what is checked out",
            why=f"it is on {refs.commits[told.tag]}, and the work tree is at {built.id}",
            remedy=f"git checkout {told.tag}, or leave --tag-ref out",
        )


def _default_branch(git: GitCommand, refs: Refs) -> str:
    if not refs.has_default:
        return ""
    answer = git.ask("symbolic-ref", "--quiet", REMOTE_HEAD)
    return answer.output.strip().removeprefix("refs/remotes/origin/")


def _without_git(context: Path, facts: CiFacts, reading: Reading, now: datetime | None) -> Source:
    """The source as the CI alone tells it: CodePipeline and `git archive` leave no `.git`."""
    committed_at = facts.committed_at or now
    if not facts.commit or committed_at is None:
        raise SourceError(
            f"{context} is in no git repository",
            why="the image's version, tags and labels come from git",
            remedy=absent_checkout(facts.provider)
            or "run in a clone, or in a pipeline that keeps the .git folder (CodePipeline: the source "
            "action's output artifact format `Full clone`), or name the commit with --commit",
        )
    # What is there need not be the run's: an artifact of another run, say.
    outsiders = may_be_outsiders(facts, "")
    unknown = facts.pull_request or (outsiders and "branch" not in facts.asserted)
    name = reading.version_name(facts.tag)
    release = reading.highest([name])
    history = ReleaseHistory(
        committed_at=committed_at,
        branch="" if unknown else facts.branch,
        tags=(name,) if name else (),
        nearest=release,
        release_tags=(release,) if release else (),
        tag_prefix=reading.tag_prefix,
        has_git=False,
        no_release=_no_release(facts.pull_request, outsiders),
    )
    return Source(
        root=context.absolute(),
        commit=facts.commit,
        history=history,
        remote_url=facts.repository_url,
        default_branch=facts.default_branch,
        pull_request=facts.pull_request,
        built_from=facts.run_sha or facts.commit,
        notes=(f"{context} is in no git repository: {_CI_ALONE}",),
    )
