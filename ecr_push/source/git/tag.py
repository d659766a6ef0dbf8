"""The git tag of a release: looked up before the build, set on the remote when the image is released.

The remote decides. The tag is created as an object first, which is pushed by its id, and becomes a tag in
the checkout only when the remote has it: a push that fails or is interrupted leaves no tag behind that
the next run in this folder would take for a release.
"""

from __future__ import annotations

from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import ConflictError, GitTagError, SettingsError
from ecr_push.source.git.command import GitCommand, pasted
from ecr_push.source.git.remote import Remote, read_remote, remote_tags

PUSH_SECONDS = 120.0

Tagged = Literal["pushed", "already"]


@dataclass(frozen=True)
class Identity:
    """The tagger of a tag where neither the environment nor git's configuration names a committer."""

    name: str = "ecr-push"
    email: str = "ecr-push@localhost"


_SELF = Identity()


def check_git_tag(git: GitCommand, name: str, commit: str) -> bool:
    """Whether the remote has the tag on this commit already. Changes nothing.

    Raises SettingsError where git allows no such name, ConflictError where the tag is on another commit,
    on the remote or in the checkout, and GitTagError where the remote does not answer.
    """
    _check_name(git, name)
    remote = _remote(git, name)
    there = _find(git, remote, name)
    if there not in (None, commit):
        raise ConflictError(
            f"the git tag {name} is taken",
            why=f"{remote.name} has it on commit {there}, and this is {commit}",
            remedy="release this commit as another version",
        )
    if there is None:
        _own(git, name, commit, remote)
    return there == commit


def release_tag(
    git: GitCommand, name: str, commit: str, message: str, *, identity: Identity = _SELF
) -> Tagged:
    """Sets an annotated tag on a commit and pushes only that.

    "already" where the remote has the tag on this commit. A tag that the checkout has on
    this commit is pushed as it is. identity is used where git knows no committer. It is not signed, hooks
    do not run, and no configuration is written.

    Raises SettingsError, ConflictError and GitTagError as check_git_tag does; GitTagError also where the
    remote refused. Of two pipelines that race for a name the second one gets an error, which names the commit
    that has it.
    """
    if check_git_tag(git, name, commit):
        return "already"
    remote = _remote(git, name)
    tag = _own(git, name, commit, remote) or _make(git, name, commit, message, identity)
    ref = f"refs/tags/{name}"
    # Each option undoes what a configuration may add; hooks are off everywhere.
    answer = git.ask_remote(
        *("push", "--quiet", "--no-follow-tags", "--recurse-submodules=no", "--no-signed"),
        *("--", remote.name, f"{tag}:{ref}"),
        timeout=PUSH_SECONDS,
    )
    if answer.status:
        there = _find(git, remote, name)
        if there != commit:
            raise GitTagError(
                f"the git tag {name} could not be pushed",
                why=f"{remote.name} has it on commit {there}, set in the meantime"
                if there
                else f"{remote.name} rejected it: {answer.message}",
                remedy="release this commit as another version"
                if there
                else "let the pipeline push tags (GitHub: `permissions: contents: write`), and run again",
            )
        return "already"
    # Its status does not count: the release is tagged, even if the checkout is read-only.
    git.ask("update-ref", ref, tag, "")
    return "pushed"


def _remote(git: GitCommand, name: str) -> Remote:
    remote = read_remote(git)
    if remote.missing:
        raise GitTagError(
            f"the git tag {name} cannot be pushed",
            why=remote.missing,
            remedy=f"add the repository's address: {pasted(git.folder, 'remote add origin URL')}",
        )
    return remote


def _find(git: GitCommand, remote: Remote, name: str) -> str | None:
    tags, message = remote_tags(git, remote, f"refs/tags/{name}", f"refs/tags/{name}^{{}}")
    if message:
        raise GitTagError(
            f"{remote.name} could not be asked for the git tag {name}",
            why=message,
            remedy="give git access to the remote, or switch off git tags",
        )
    return tags.get(name)


def _check_name(git: GitCommand, name: str) -> None:
    if name.startswith("-") or git.ask("check-ref-format", f"refs/tags/{name}").status:
        raise SettingsError([f"{name!r} is not a valid git tag name: see git help check-ref-format"])


def _own(git: GitCommand, name: str, commit: str, remote: Remote) -> str:
    """The tag that the checkout has on this commit, "" where it has none. Raises ConflictError."""
    # The object of the tag itself, and the commit that it leads to.
    answer = git.ask("rev-parse", "--quiet", "--verify", f"refs/tags/{name}")
    if answer.status:
        return ""
    here = git.run("rev-parse", "--verify", f"refs/tags/{name}^{{}}").output.strip()
    if here != commit:
        raise ConflictError(
            f"the git tag {name} is taken",
            why=f"the checkout has it on commit {here}, and this is {commit}; {remote.name} does not have it",
            remedy="push it if it is correct, otherwise delete it: "
            + pasted(git.folder, f"tag --delete {name}"),
        )
    return answer.output.strip()


def _make(git: GitCommand, name: str, commit: str, message: str, identity: Identity) -> str:
    """A tag object that no ref points to yet. https://git-scm.com/docs/git-mktag"""
    # Otherwise git makes up an address from the machine's name.
    strict = ("-c", "user.useConfigOnly=true")
    who = git.ask(*strict, "var", "GIT_COMMITTER_IDENT")
    if who.status:
        given = ("-c", f"user.name={identity.name}", "-c", f"user.email={identity.email}")
        who = git.ask(*given, "var", "GIT_COMMITTER_IDENT")
    text = message.rstrip("\n")
    fields = f"object {commit}\ntype commit\ntag {name}\ntagger {who.output.strip()}\n\n{text}\n"
    made = git.ask("mktag", stdin=fields)
    if who.status or made.status:
        why = (made if made.status else who).message
        raise GitTagError(f"the git tag {name} could not be created", why=why)
    return made.output.strip()
