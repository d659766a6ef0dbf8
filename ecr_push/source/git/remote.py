"""The remote that a checkout belongs to, and the tags that it has."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.source.git.command import GitCommand

ASK_SECONDS = 30.0


@dataclass(frozen=True)
class Remote:
    """A remote of a checkout; name is empty where there is no remote, or no clear choice.

    url: as it is configured, maybe with credentials: never shown.
    names: the names of all remotes of the checkout.
    treeless: a partial clone that may lack trees too, and not only blobs.
    """

    name: str = ""
    url: str = ""
    names: tuple[str, ...] = ()
    treeless: bool = False

    @property
    def missing(self) -> str:
        """Why no remote can be asked, or ""."""
        if self.name:
            return ""
        return "of several remotes none is `origin`" if self.url else "the checkout has no remote"


def branch_of(remote: Remote, name: str) -> str:
    """The name of a remote's branch on that remote: `main` for `upstream/main`."""
    return next((name.removeprefix(f"{one}/") for one in remote.names if name.startswith(f"{one}/")), name)


def read_remote(git: GitCommand) -> Remote:
    """`origin`, else the only remote. Of several others only the first one's address is used.

    Not `git remote get-url`: that applies `insteadOf`, through which CIs put tokens into addresses.
    """
    wanted = r"^remote\..*\.(url|partialclonefilter)$"
    entries = git.run("config", "-z", "--get-regexp", wanted, fine=(0, 1)).output.split("\0")
    keys = dict(entry.split("\n", 1) for entry in entries if "\n" in entry)
    urls = {
        key.removeprefix("remote.").removesuffix(".url"): url
        for key, url in keys.items()
        if key.endswith(".url")
    }
    filters = [value for key, value in keys.items() if key.endswith(".partialclonefilter")]
    treeless = any(not value.startswith("blob:") for value in filters)
    if "origin" in urls:
        return Remote("origin", urls["origin"], tuple(urls), treeless)
    name = next(iter(urls)) if len(urls) == 1 else ""
    return Remote(name, next(iter(urls.values()), ""), tuple(urls), treeless)


def remote_commits(git: GitCommand, remote: Remote, pattern: str) -> set[str]:
    """The commits of the refs of a remote that match a whole pattern; empty where it did not answer."""
    answer = git.ask_remote("ls-remote", "--", remote.name, pattern, timeout=ASK_SECONDS)
    return set() if answer.status else {line.partition("\t")[0] for line in answer.lines}


def remote_tags(git: GitCommand, remote: Remote, *patterns: str) -> tuple[dict[str, str], str]:
    """The tags of a remote and the commits that they lead to, and git's message where it did not answer."""
    answer = git.ask_remote("ls-remote", "--tags", "--", remote.name, *patterns, timeout=ASK_SECONDS)
    if answer.status:
        return {}, answer.message
    tags: dict[str, str] = {}
    for line in answer.lines:  # an annotated tag has a second line, NAME^{}
        identity, _, ref = line.partition("\t")
        if ref.startswith("refs/tags/"):
            tags[ref.removeprefix("refs/tags/").removesuffix("^{}")] = identity
    return tags, ""
