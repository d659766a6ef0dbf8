"""What a repository has that says how its images are to be built: names of files, and git tags. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.unread_tags import prefix_of, schemes_for

Ci = Literal["github", "jenkins", "codebuild"]
# Folders with files of others, and those of tests: what they build is not released.
_NOT_OURS = frozenset(
    {"node_modules", "vendor", "third_party", "testdata", "test", "tests", "examples", "docs"}
)
_SEMVER = "semver"
# What a branch or a tag is called, which files get as it is; git takes what a shell would run, too.
_NAME = lazy_regex(r"[A-Za-z0-9_./@+-]+")


@dataclass(frozen=True)
class Dockerfile:
    """path: in the checkout. context: the folder that it is built in, "." for the checkout."""

    path: str
    context: str

    @property
    def is_default(self) -> bool:
        return self.path in ("Dockerfile", f"{self.context}/Dockerfile")

    @property
    def name(self) -> str:
        """Of the image, among several of the repository; "" for the checkout's own."""
        path = PurePath(self.path)
        own = path.name.removeprefix("Dockerfile").removesuffix("Dockerfile").strip(".-_")
        return own or (path.parent.name if path.parent.name != "docker" else "")


@dataclass(frozen=True)
class Releases:
    """How the git tags name versions. prefix: before the version, `api/`. scheme: of --version-scheme."""

    prefix: str = ""
    scheme: str = _SEMVER
    example: str = ""


@dataclass(frozen=True)
class Found:
    """cis: those whose files are there, the first one first. files: of CIs, which may push images already.

    default_branch: of git, whose commits are pushed. has_history: whether git has a commit here.
    remote: OWNER/NAME on GitHub, "" where that is not known.
    """

    dockerfiles: tuple[Dockerfile, ...] = ()
    files: tuple[str, ...] = ()
    cis: tuple[Ci, ...] = ()
    releases: Releases = Releases()
    default_branch: str = "main"
    has_history: bool = True
    remote: str = ""

    @property
    def ci(self) -> Ci | Literal[""]:
        """The one to write a file for; "" where there is no file of any."""
        return self.cis[0] if self.cis else ""


def find(paths: Sequence[str], tags: Iterable[str], default_branch: str = "") -> Found:
    """paths: of files in the checkout, with `/`. tags: of git. default_branch: "" where it is not known."""
    paths = [one for one in paths if one.isprintable()]  # the others are in no line of a file
    docker = sorted((one for one in paths if _is_dockerfile(one)), key=lambda one: (one.count("/"), one))
    files = tuple(one for one in sorted(paths) if ci_of(one))
    cis = dict.fromkeys(ci for one in files if (ci := ci_of(one)))
    return Found(
        tuple(Dockerfile(one, _context(one)) for one in docker),
        files,
        tuple(cis),
        releases_of(tags),
        default_branch if _NAME.fullmatch(default_branch) else "main",
    )


def ci_of(path: str) -> Ci | Literal[""]:
    """The CI that reads a file of this name; "" for a file of none."""
    pure = PurePath(path)
    if pure.parts[:-1] == (".github", "workflows") and pure.suffix in (".yml", ".yaml"):
        return "github"
    if pure.name == "Jenkinsfile" or pure.suffix == ".jenkinsfile" or pure.name.startswith("Jenkinsfile."):
        return "jenkins"
    if pure.name.startswith("buildspec") and pure.suffix in (".yml", ".yaml"):
        return "codebuild"
    return ""


def releases_of(tags: Iterable[str]) -> Releases:
    """The prefix and the scheme that read most of the tags; semver without one where none is a version."""
    counted: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    semver = parse_scheme(_SEMVER)
    for tag in filter(_NAME.fullmatch, tags):
        readers = schemes_for(tag)
        way = ("", readers[0]) if readers else (prefix_of(tag, semver), _SEMVER)
        if readers or way[0]:
            counted[way] += 1
            examples[way] = tag
    if not counted:
        return Releases()
    (most, _), *_ = counted.most_common(1)
    return Releases(*most, examples[most])


def _is_dockerfile(path: str) -> bool:
    pure = PurePath(path)
    if _NOT_OURS & set(pure.parts[:-1]):
        return False
    name = pure.name
    return name == "Dockerfile" or (
        (name.startswith("Dockerfile.") or name.endswith(".Dockerfile")) and "dockerignore" not in name
    )


def _context(path: str) -> str:
    """Of docker/Dockerfile and build/Dockerfile the checkout, as most have it; else the file's own folder."""
    parent = PurePath(path).parent
    return "." if parent.name in ("docker", "build", ".docker", "deploy") else parent.as_posix()
