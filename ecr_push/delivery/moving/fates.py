"""What becomes of a command that is not part of a run: gone, kept, or without an equal. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.delivery.moving.deploy_commands import deploy_advice
from ecr_push.delivery.moving.gather import BuiltImage
from ecr_push.delivery.moving.image_name import image_name
from ecr_push.delivery.moving.model import Fate, Line
from ecr_push.delivery.moving.shell.operations import Does, Operation
from ecr_push.delivery.moving.values import Value

_ADVICE: Mapping[Does, str] = {
    Does.BUILDER: "ecr-push takes docker's current builder, or that of --builder",
    Does.ROLE: "--role assumes it",
    Does.PULL: "it has nothing to do with the image that is pushed",
    Does.LOGIN: "the registry is another one",
    Does.CLEAN: "it has nothing to do with the image that is pushed",
    Does.REGISTRY: "`ecr-push repository apply` can keep it in a file",
}
_NO_EQUAL: Mapping[Does, str] = {
    Does.RUN: "the image is not in the engine: --test-in-image COMMAND tests it before its release",
    Does.SCAN: "another scanner: --test 'SCANNER \"$CANDIDATE_IMAGE\"' or --verdict-from FILE",
    Does.FILE: "the image is not in the engine: --export writes one",
    Does.MANY: "what it builds is in another file: write a run for each image, or `images` in ecr-push.yml",
    Does.SIGN: "--sign signs an accepted image, before its tags move",
    Does.RETAG: "`ecr-push promote` and --tags give tags to an image in the registry",
    Does.BUILD: "it is not pushed here",
    Does.PUSH: "it is not built here",
    Does.TAG: "it is not built here",
}
_GONE: Mapping[Does, tuple[Fate, str, str]] = {
    Does.GATE: ("became", "fail-on", ""),
    Does.CREATE: ("became", "create-repository", ""),
    Does.LOOK: ("not needed", "", "each run looks for its repository first"),
    Does.DEFINE: ("became", "report", "with the image's digest"),
    Does.SCAN: ("not needed", "", "each run waits for the scan, before a tag moves"),
    Does.LOGIN: ("not needed", "", "ecr-push logs in by itself"),
    Does.PULL: ("not needed", "", "BuildKit reads a cache by itself"),
    Does.TAG: ("not needed", "", "tags are set in the registry"),
    Does.CLEAN: ("not needed", "", "nothing is left in the engine"),
}


def line_of(one: Operation, *, is_taken: bool) -> Line | None:
    """None for what the lines of an image say already."""
    if is_taken:
        found = _GONE.get(one.does)
        return Line(one.line, one.text, *found) if found else None
    if one.does in _NO_EQUAL:
        return Line(one.line, one.text, "no equal", "", _NO_EQUAL[one.does])
    if one.does is Does.DEPLOY:
        return Line(one.line, one.text, "kept", "", deploy_advice(one))
    if one.does in _ADVICE:
        return Line(one.line, one.text, "kept", "", _ADVICE[one.does])
    return None


def is_not_needed(one: Operation, images: Sequence[BuiltImage]) -> bool:
    """Whether a command serves nothing but the images that are moved."""
    if one.does in (Does.GATE, Does.CREATE, Does.LOOK, Does.DEFINE):
        return True
    if one.does is Does.SCAN:
        return one.program == "aws"
    if one.does is Does.LOGIN:
        return _is_own_login(one, images)
    if one.does in (Does.PULL, Does.CLEAN):
        names = {image_name(argument).address for argument in one.arguments}
        return bool(names) and names <= {name for image in images for name in image.names}
    return False


def _is_own_login(one: Operation, images: Sequence[BuiltImage]) -> bool:
    """Whether a login is that to the registry of an image that is moved."""
    if one.program == "aws":
        return True
    if not one.arguments:
        return "get-login" in one.text
    host = image_name(one.arguments[0] + Value.constant("/x")).registry
    hosts = {image_name(pushed.repository).registry for image in images for pushed in image.pushed}
    return host in hosts or bool(host.facts)
