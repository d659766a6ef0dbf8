"""The files that can be moved over: how each kind is known, and what moves it. One line a kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.model import Moved, NotMovedError, Wish

_CALLS = lazy_regex(r"\becrPush\(|uses: ecr-push/|ecr-push\"? run\b")
# The text of a file, its path in the checkout, and what the user says -> the file as it is to be.
# Raises NotMovedError, and YamlError for what is not YAML.
Move = Callable[[str, str, Wish], Moved]


@dataclass(frozen=True)
class Kind:
    """about: for messages. is_one: by the path and the text. load: imports what moves it."""

    about: str
    is_one: Callable[[PurePath, str], bool]
    load: Callable[[], Move]


def kind_of(path: str, text: str) -> str:
    """The name of a file's kind. Raises NotMovedError for a file of another."""
    for name, kind in KINDS.items():
        if kind.is_one(PurePath(path), text):
            return name
    known = ", ".join(kind.about for kind in KINDS.values())
    raise NotMovedError(f"{path} is not a file that can be moved over: expected {known}")


def move_file(text: str, path: str, wish: Wish) -> Moved:
    """The file with its images pushed by ecr-push. Raises NotMovedError, and YamlError."""
    try:
        return KINDS[kind_of(path, text)].load()(text, path, wish)
    except NotMovedError as error:
        if _CALLS.search(text):
            raise NotMovedError(f"{error}\nit calls ecr-push already") from error
        raise


def _is_workflow(path: PurePath, text: str) -> bool:
    """In its folder, or a YAML file with jobs that have steps, or an action made of steps, wherever it is."""
    if path.suffix not in (".yml", ".yaml"):
        return False
    if path.parts[-3:-1] == (".github", "workflows"):
        return True
    lines = [line.split("#")[0].rstrip() for line in text.splitlines()]
    keys = [line.strip(" -") for line in lines]
    if "runs:" in lines:
        return any(key.startswith("using:") and "composite" in key for key in keys)
    return "jobs:" in lines and any(key.startswith("runs-on:") for key in keys)


def _is_jenkinsfile(path: PurePath, _: str) -> bool:
    return "jenkinsfile" in path.name.lower() or path.suffix == ".groovy"


def _is_buildspec(path: PurePath, text: str) -> bool:
    lines = {line.split("#")[0].rstrip() for line in text.splitlines()}
    return path.suffix in (".yml", ".yaml") and (path.name.startswith("buildspec") or "phases:" in lines)


def _is_circleci(path: PurePath, text: str) -> bool:
    if path.suffix not in (".yml", ".yaml"):
        return False
    lines = {line.split("#")[0].rstrip() for line in text.splitlines()}
    return ".circleci" in path.parts or {"version: 2.1", "jobs:"} <= lines or {"orbs:", "workflows:"} <= lines


def _is_gitlab(path: PurePath, _: str) -> bool:
    return path.suffix in (".yml", ".yaml") and ".gitlab-ci" in path.name


def _github() -> Move:
    from ecr_push.delivery.moving.github.move import move_workflow

    return move_workflow


def _jenkins() -> Move:
    from ecr_push.delivery.moving.jenkins.move import move_jenkinsfile

    return move_jenkinsfile


def _codebuild() -> Move:
    from ecr_push.delivery.moving.codebuild.move import move_buildspec

    return move_buildspec


def _circleci() -> Move:
    from ecr_push.delivery.moving.circleci.move import move_circleci

    return move_circleci


def _gitlab() -> Move:
    from ecr_push.delivery.moving.gitlab.move import move_gitlab

    return move_gitlab


KINDS = {
    "github": Kind("a workflow or a composite action of GitHub", _is_workflow, _github),
    "jenkins": Kind("a Jenkinsfile", _is_jenkinsfile, _jenkins),
    "codebuild": Kind("a buildspec of CodeBuild", _is_buildspec, _codebuild),
    "circleci": Kind("a configuration of CircleCI", _is_circleci, _circleci),
    "gitlab": Kind("a .gitlab-ci.yml", _is_gitlab, _gitlab),
}
