"""What a CI says about a run, whichever CI it is. `providers.py` reads it from the environment.

Nothing here decides anything: git is asked for what git knows, and `source.py` weighs the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Provider = Literal["", "github", "jenkins", "codebuild", "gitlab", "bitbucket"]


@dataclass(frozen=True)
class CiFacts:
    """One run of a CI. Every field is empty where the CI does not tell, or where there is no CI.

    commit:         the commit that triggered the run; on a pull request its head as far as the CI tells.
    run_sha:        the commit that the CI itself names as the run's: on a pull request the merge commit
                    of its head and its base, or under GitHub's `pull_request_target` the base.
    branch:         on a pull request the branch it comes from, maybe in a fork.
    of_remote:      branch may begin with a remote's name, which git knows: `upstream/main`.
    queued:         a merge queue's run: its branch goes with it.
    base_ref:       the branch that a pull request goes to; on a tag's push the branch that it was set on.
    event:          what started the run: "push", "tag", "pull_request", "schedule"; GitHub's own word there,
                    and elsewhere "" for what we cannot tell.
    run_id:         differs between the attempts of a run, and may be a part of an image tag.
    repository_url: where people read the source, without credentials.
    title, description, licenses: the repository's, as its host shows them; licenses is an SPDX expression.
    committed_at:   when commit was made, in UTC.
    interactive:    a person may be looking on: no CI was found.
    fork:           a pull request from another repository, whose author may not push to this one; also where
                    the CI tells that of its pull requests, and does not of this one.
    fork_told:      whether the CI tells that: without fork, it never does.
    by_anybody:     who may not push to the repository could start this run too, and the CI does not tell
                    whose code it is for: of all commits own_sha alone is surely the repository's own.
    own_sha:        run_sha as the CI names it, whatever the user says; empty where it may be an outsider's.
    short_sha_length, head_is_meant: what docker/metadata-action's own variables say, for who moves over.
    asserted:       the fields that the user gave by options: see `override.py`.
    of_another:     what the user named is a pull request that the CI's run is not for.
    """

    provider: Provider = ""
    branch: str = ""
    tag: str = ""
    commit: str = ""
    pull_request: str = ""
    default_branch: str = ""
    run_id: str = ""
    run_url: str = ""
    actor: str = ""
    repository_url: str = ""
    interactive: bool = True
    event: str = ""
    base_ref: str = ""
    run_sha: str = ""
    title: str = ""
    description: str = ""
    licenses: str = ""
    committed_at: datetime | None = None
    short_sha_length: int = 7
    head_is_meant: bool = False
    of_remote: bool = False
    queued: bool = False
    fork: bool = False
    fork_told: bool = False
    by_anybody: bool = False
    own_sha: str = ""
    asserted: frozenset[str] = frozenset()
    of_another: bool = False

    @property
    def said(self) -> CiFacts:
        """What the user said alone. It holds for what is checked out, whatever commit the CI speaks of."""
        return CiFacts(**{name: getattr(self, name) for name in self.asserted}, asserted=self.asserted)

    @property
    def unattended(self) -> bool:
        """A CI runs us, and not a person."""
        return bool(self.provider) or not self.interactive

    @property
    def head(self) -> str:
        """The head of the pull request, where the CI or the user names it."""
        if not self.pull_request or (self.of_another and "commit" not in self.asserted):
            return ""
        return self.commit
