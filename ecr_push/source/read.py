"""What git says about the checkout: commit, branch, tags, distance, dirtiness, time.

Git does the walking, in a handful of commands. Where it cannot know the answer (a shallow clone, tags
that were not fetched), what is missing is fetched, or we refuse; we never guess.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ecr_push.base.errors import SourceError
from ecr_push.ci.facts import CiFacts
from ecr_push.source.applicable_facts import applicable_branch, mismatch_notes
from ecr_push.source.git.address import public_url
from ecr_push.source.git.checkout import Checkout, Commit, find_checkout, read_commit, read_status
from ecr_push.source.git.clone_repair import Repair
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
from ecr_push.source.git.read_options import GitReadOptions
from ecr_push.source.git.remote import branch_of, read_remote
from ecr_push.source.model import Lacking, Source
from ecr_push.source.pull_request import describes_commit, meant_commit
from ecr_push.versions.history import ReleaseHistory

_DEFAULT = GitReadOptions()
_CI_ALONE = "commit, branch and tag are what the CI says, and other releases are unknown"


def read_source(
    context: Path,
    facts: CiFacts,
    options: GitReadOptions = _DEFAULT,
    *,
    now: datetime | None = None,
    say: Callable[[str], None] = lambda news: None,
) -> Source:
    """What git says about the checkout that context is in, completed by what the CI says.

    Starts git six to nine times. The network is used where a clone is shallow, or where a CI runs us in one
    that lacks the run's tag or has no version tag at all: say is called first. A shallow clone is always
    deepened or refused, even on a release tag: which tags are on this commit, and which release is the
    highest (so what `latest` may be), depends on tags that such a clone need not have.

    now: the commit's time where there is no `.git`, and the CI does not say it.

    Raises SourceError, with a remedy, where context is not in a checkout and the CI names no commit, where
    the checkout has no commit, or where history or tags are missing and cannot be fetched.
    """
    checkout = find_checkout(context, trusted=facts.unattended or options.trusted)
    if checkout is None:
        return _without_git(context, facts, options, now)
    git = checkout.git
    remote = read_remote(git)
    if facts.ref.of_remote:
        branch = branch_of(remote, facts.ci_ref.branch)
        facts = replace(facts, ci_ref=replace(facts.ci_ref, branch=branch))
    repair = Repair(git, checkout.root, remote, facts, options, say)
    if checkout.shallow:
        repair.deepen()
    head, local_branch, dirty = _read_status(checkout, options)
    built = read_commit(git, head)
    applies = describes_commit(facts, built)
    ref = facts.ref if applies else facts.user_ref
    run_tag = ref.tag if facts.ref.commit or facts.user_ref.is_named else ""
    refs, fetched, notes = _whole_refs(repair, run_tag, asked=checkout.shallow)
    _check_user_ref(facts, built, refs)
    commit = meant_commit(facts, built, refs.remote_tips)
    notes += mismatch_notes(facts, built)
    releases = find_releases(refs, options)
    highest = highest_on(releases)
    own = highest.get(built.id)
    lacked: dict[Lacking, bool] = {
        "history": checkout.shallow,
        "tags": fetched,
        "trees": repair.fetch_trees(built),
    }
    way = follow(checkout.at_top if options.paths else git, built.id, highest, options.paths)
    notes += _path_notes(checkout.root, options.paths, way.distance)
    here = refs.tags.get(built.id, ())
    may_be_fork = facts.trust.may_be_fork("" if dirty else built.id)
    history = ReleaseHistory(
        committed_at=(built if commit == built.id else read_commit(git, commit)).committed_at,
        branch=applicable_branch(facts, ref, local_branch, may_be_fork=may_be_fork),
        tags=tuple(name for tag in here if (name := options.version_name(tag))),
        dirty=dirty,
        nearest=way.release,
        distance=way.distance,
        nearest_final=last_final(git, built.id, way, releases, options.scheme)
        if options.need_commits
        else "",
        release_tags=tuple(release.name for release in releases),
        higher_tags=tuple(one.name for one in releases if one.rank > own.rank) if own else None,
        tag_prefix=options.tag_prefix,
        run_tag=run_tag or (ref.tag if ref.tag in here else ""),
        other_tags=() if releases else tuple(sorted(refs.commits)),
        no_release=_no_release(ref.pull_request, may_be_fork),
    )
    return Source(
        root=checkout.root,
        commit=commit,
        history=history,
        branches=refs.branches,
        remote_url=public_url(remote.url) or (facts.repository.url if applies else ""),
        default_branch=ref.default_branch or _default_branch(git, refs),
        pull_request=ref.pull_request,
        built_from=built.id,
        foreign=git.foreign,
        lacked=frozenset(what for what, fetched in lacked.items() if fetched),
        notes=notes,
    )


def _read_status(checkout: Checkout, options: GitReadOptions) -> tuple[str, str, tuple[str, ...]]:
    """As `read_status`. Of what was seen a moment ago, only what goes into the image is looked at again: to
    look at each file of a large checkout takes as long as all else that is asked of git."""
    seen = options.seen
    if seen and seen.root == checkout.root and options.content:
        commit, branch, dirty = read_status(checkout.at_top, options.content)
        if commit == seen.commit:
            return commit, branch, tuple(sorted({*seen.dirty, *dirty}))
    return read_status(checkout.git)


def _path_notes(root: Path, paths: tuple[str, ...], distance: int) -> tuple[str, ...]:
    """What the user should know of paths that no commit touches, since they are misspelt."""
    # Paths of a sparse checkout need not be there, and neither those that were removed: commits touch them.
    missing = [] if distance else [path for path in paths if not os.path.lexists(root / path)]
    return tuple(f"no commit counts for the path {path}: the checkout does not have it" for path in missing)


def _no_release(pull_request: str, may_be_fork: bool) -> str:
    if pull_request:
        return "a pull request is never released"
    return "code that may come from a fork is never released" if may_be_fork else ""


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
    elif not asked and repair.facts.unattended and not find_releases(refs, repair.options):
        fetched, note = repair.fetch_versions()
    if fetched:
        refs = read_refs(repair.git)
    if run_tag and run_tag not in refs.commits:
        why = f"the run is for this tag, and {repair.remote.name} no longer has it"
        raise repair.missing_tag(run_tag, why)
    return refs, fetched, (note,) if note else ()


def _check_user_ref(facts: CiFacts, built: Commit, refs: Refs) -> None:
    """Raises SourceError where what the user says of the checkout is not true of it."""
    user = facts.user_ref
    # A pull request's head may be a parent of its merge commit.
    named = user.commit in (built.id, *(built.parents if user.pull_request else ()))
    if user.commit and not named and not describes_commit(facts, built):
        raise SourceError(
            f"{user.commit} is not the commit that is checked out",
            why=f"the work tree is at {built.id}, and an image is named after what it was built from",
            remedy=f"git checkout {user.commit}, or leave --commit out",
        )
    if user.tag and user.tag not in refs.tags.get(built.id, ()):
        raise SourceError(
            f"the tag {user.tag!r} is not on the commit that is checked out",
            why=f"it is on {refs.commits[user.tag]}, and the work tree is at {built.id}",
            remedy=f"git checkout {user.tag}, or leave --tag-ref out",
        )


def _default_branch(git: GitCommand, refs: Refs) -> str:
    if not refs.has_default:
        return ""
    answer = git.ask("symbolic-ref", "--quiet", REMOTE_HEAD)
    return answer.output.strip().removeprefix("refs/remotes/origin/")


def _without_git(context: Path, facts: CiFacts, options: GitReadOptions, now: datetime | None) -> Source:
    """The source as the CI alone describes it: CodePipeline and `git archive` leave no `.git`."""
    ref = facts.ref
    committed_at = ref.committed_at or now
    if not ref.commit or committed_at is None:
        raise SourceError(
            f"{context} is not in a git repository",
            why="the image's version, tags and labels come from git",
            remedy=facts.provider.advice.checkout
            or "run in a clone, or in a pipeline that keeps the .git folder (CodePipeline: the source "
            "action's output artifact format `Full clone`), or name the commit with --commit",
        )
    # What is there need not be the run's: an artifact of another run, for example.
    may_be_fork = facts.trust.may_be_fork("")
    unknown = ref.pull_request or (may_be_fork and not facts.user_ref.is_named)
    name = options.version_name(ref.tag)
    release = options.highest([name])
    history = ReleaseHistory(
        committed_at=committed_at,
        branch="" if unknown else ref.branch,
        tags=(name,) if name else (),
        nearest=release,
        release_tags=(release,) if release else (),
        tag_prefix=options.tag_prefix,
        run_tag=ref.tag,
        has_git=False,
        no_release=_no_release(ref.pull_request, may_be_fork),
    )
    return Source(
        root=context.absolute(),
        commit=ref.commit,
        history=history,
        remote_url=facts.repository.url,
        default_branch=ref.default_branch,
        pull_request=ref.pull_request,
        built_from=ref.run_commit or ref.commit,
        notes=(f"{context} is not in a git repository: {_CI_ALONE}",),
    )
