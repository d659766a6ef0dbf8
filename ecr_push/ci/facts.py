"""What a CI says about a run, whichever CI it is, and what the user says of it instead: the nouns.

Nothing here decides anything: git is asked for what git knows, and `source/` compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from ecr_push.base.dataclass import dataclass

Environ = Mapping[str, str]
ReadText = Callable[[str], str]

# (url, headers) -> (status, body); raises OSError where nothing answers.
HttpGet = Callable[[str, Mapping[str, str]], tuple[int, bytes]]
# (environ, get, sleep, audience) -> a token. Raises AuthenticationError.
OidcToken = Callable[[Environ, HttpGet, Callable[[float], None], str], str]

# Where the code of a run comes from, as far as the CI says: the repository itself, a fork of it, maybe a
# fork (the CI says so of its pull requests, and does not of this one), or the CI never says.
Origin = Literal["own", "fork", "maybe fork", "not reported"]


@dataclass(frozen=True)
class CiRun:
    """One run of a CI.

    id:          differs between the attempts of a run, and may be a part of an image tag; "" where unknown.
    url:         where people read its log.
    actor:       who started it.
    interactive: a person may be watching: no CI was found.
    """

    id: str = ""
    url: str = ""
    actor: str = ""
    interactive: bool = True


@dataclass(frozen=True)
class Ref:
    """What a run is for: a branch, a tag or a pull request. Every field is empty where it is not known.

    branch:         on a pull request the branch that it comes from, maybe in a fork.
    commit:         the commit that triggered the run; on a pull request its head, where the CI names it.
    run_commit:     the commit that the CI itself names as the run's: on a pull request the merge commit of
                    its head and its base, or under GitHub's `pull_request_target` the base.
    event:          what started the run: "push", "tag", "pull_request", "schedule"; GitHub's own name there,
                    and elsewhere "" for what we cannot know.
    base:           the branch that a pull request targets; on a tag's push the branch that it was set on.
    default_branch: the repository's.
    committed_at:   when commit was made, in UTC.
    of_remote:      branch may begin with a remote's name, which git knows: `upstream/main`.
    queued:         a merge queue's run: its branch is deleted after it.
    """

    branch: str = ""
    tag: str = ""
    pull_request: str = ""
    commit: str = ""
    run_commit: str = ""
    event: str = ""
    base: str = ""
    default_branch: str = ""
    committed_at: datetime | None = None
    of_remote: bool = False
    queued: bool = False

    @property
    def is_named(self) -> bool:
        """Whether it names a branch, a tag or a pull request."""
        return bool(self.branch or self.tag or self.pull_request)


@dataclass(frozen=True)
class RepositoryFacts:
    """The repository as its host shows it.

    url:      where people read the source, without credentials.
    licenses: an SPDX expression.
    """

    url: str = ""
    title: str = ""
    description: str = ""
    licenses: str = ""


@dataclass(frozen=True)
class Trust:
    """Whose code a run builds, as far as the CI says.

    origin:           see `Origin`.
    anyone_can_start: people who may not push to the repository could have started this run, and the CI does
                      not say whose code it is for: only trusted_commit is surely the repository's own.
    trusted_commit:   the run's commit as the CI names it, whatever the user says; "" where that may be a
                      fork's, too.
    """

    origin: Origin = "not reported"
    anyone_can_start: bool = False
    trusted_commit: str = ""

    @property
    def is_fork(self) -> bool:
        """Whether the run counts as a fork's: it is one, or nothing says that it is not."""
        return self.origin in ("fork", "maybe fork")

    def may_be_fork(self, commit: str) -> bool:
        """Whether a commit may come from a fork; "" is one that is unknown, or not all of what is built."""
        return self.is_fork or (self.anyone_can_start and (not commit or commit != self.trusted_commit))


@dataclass(frozen=True)
class MetadataActionCompat:
    """What docker/metadata-action's own variables ask for, for users who come from it.

    short_sha_length: how many digits a short commit has.
    head_is_meant:    on a pull request, its head in place of the merge commit.
    """

    short_sha_length: int = 7
    head_is_meant: bool = False


@dataclass(frozen=True)
class CloneAdvice:
    """What to set in a CI whose clone lacks something; "" where that is not known.

    full:     the clone is shallow.
    checkout: nothing was checked out.
    tags:     the clone has no tags.
    """

    full: str = ""
    checkout: str = ""
    tags: str = ""


@dataclass(frozen=True)
class CiProvider:
    """A CI: how it is recognised, what it says, and what to do in it. One file a CI declares one.

    read:       the environment as facts. It may ask for the text of a file that a variable names.
    oidc_token: gets an OIDC token for AWS; None where we know of none.
    """

    name: str
    detect: Callable[[Environ], bool]
    read: Callable[[Environ, ReadText], CiFacts]
    advice: CloneAdvice = CloneAdvice()
    oidc_token: OidcToken | None = None


def _no_ci_that_we_know(environ: Environ, _: ReadText) -> CiFacts:
    return CiFacts(CiRun(interactive=environ.get("CI", "").lower() in ("", "0", "false")))


NO_CI = CiProvider("", lambda environ: True, _no_ci_that_we_know)


@dataclass(frozen=True)
class CiFacts:
    """What is known about a run before git is asked.

    ci_ref:   what the run is for, as the CI says.
    user_ref: what the user says of it by options, and what follows from that; empty without any. It holds
              for what is checked out, whichever commit the CI runs for.
    """

    run: CiRun = CiRun()
    ci_ref: Ref = Ref()
    repository: RepositoryFacts = RepositoryFacts()
    trust: Trust = Trust()
    user_ref: Ref = Ref()
    compat: MetadataActionCompat = MetadataActionCompat()
    provider: CiProvider = NO_CI

    @cached_property
    def ref(self) -> Ref:
        """What the run is for: what the user says, and else what the CI says."""
        return merge(self.ci_ref, self.user_ref)

    @property
    def unattended(self) -> bool:
        """Whether a CI runs us, and not a person."""
        return not self.run.interactive

    @property
    def head(self) -> str:
        """The head of the pull request, where the CI or the user names it."""
        named = self.user_ref.pull_request
        of_another = bool(named) and named != self.ci_ref.pull_request
        if not self.ref.pull_request or (of_another and not self.user_ref.commit):
            return ""
        return self.ref.commit


def merge(ci: Ref, user: Ref) -> Ref:
    """What the user says before what the CI says.

    A run is for one branch, tag or pull request: where the user names one, nothing that the CI says of the
    three holds. What the CI says of its own commit does not hold for another one that the user names: a
    pull request may have either, and where the CI names no commit its run is for whichever is checked out.
    """
    found = ci
    if user.is_named:
        found = replace(
            ci,
            branch=user.branch,
            tag=user.tag,
            pull_request=user.pull_request,
            event=user.event,
            base=user.base,
            of_remote=False,
            queued=False,
        )
    if user.default_branch:
        found = replace(found, default_branch=user.default_branch)
    if user.commit in ("", ci.commit):
        return found
    if ci.commit and not found.pull_request and not user.is_named:
        found = replace(found, branch="", tag="", base="")
    return replace(found, commit=user.commit, run_commit="", committed_at=None)
