"""The options of a build with docker, podman, buildah or kaniko -> those of `ecr-push run`. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.secret_arguments import SecretArgument, secret_argument
from ecr_push.delivery.moving.shell.operations import Operation
from ecr_push.delivery.moving.values import FactKind, Value

# With the same name and the same values.
_SAME = frozenset({
    "build-arg", "label", "platform", "target", "secret", "ssh", "cache-from", "cache-to", "network",
    "add-host", "shm-size", "ulimit", "cgroup-parent", "build-context", "builder", "provenance", "sbom",
    "attest", "annotation", "allow", "no-cache", "no-cache-filter", "pull",
})  # fmt: skip
_TAKEN = frozenset({"tag", "file", "push", "output"})  # read elsewhere
_NOT_NEEDED: Mapping[str, str] = {
    **dict.fromkeys(("rm", "force-rm", "layers", "compress", "cleanup"), "BuildKit keeps no containers"),
    **dict.fromkeys(("quiet", "debug", "verbosity", "verbose", "log-format"), "--progress has it"),
    "progress": "the log of a CI is plain anyway",
    "load": "it is pushed from the builder",
    **dict.fromkeys(("snapshot-mode", "snapshotMode", "single-snapshot", "use-new-run", "cache-copy-layers",
                     "cache-run-layers", "skip-unused-stages", "cache-ttl", "reproducible"),
                    "kaniko's own"),
}  # fmt: skip
_NO_EQUAL: Mapping[str, str] = {
    "iidfile": "--result FILE has the digest",
    "metadata-file": "--result FILE has the digest",
    "digest-file": "--result FILE has the digest",
    "squash": "BuildKit does not squash: use several stages",
    "cache": "--cache ecr keeps a cache in the registry",
    "cache-repo": "--cache ecr with --cache-repository keeps a cache in the registry",
    "quiet": "--output json",
}
NO_ENGINE = (
    "it builds without an engine; a run needs docker, or a BuildKit that --builder or BUILDKIT_HOST names"
)
DIFFERS = "each build of one commit has another one, so another image under the same tags: exit code 2"
_CHANGES = (FactKind.RUN_NUMBER, FactKind.RUN_ID, FactKind.DATE)


@dataclass(frozen=True)
class BuildSettings:
    """settings: (key of ecr-push.yml, value), in their order. notes: (option, why), of what has no equal.

    secrets: the build arguments that may hold a secret.

    context: the folder that is built. None where it cannot be said here, and why does.
    """

    context: Value | None
    settings: tuple[tuple[str, Value], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    secrets: tuple[SecretArgument, ...] = ()
    why: str = ""


def build_settings(build: Operation, base: str | None, stored: Container[str] = ()) -> BuildSettings:
    """base: the folder in which ecr-push is to run; the paths are those from there.

    stored: the variables that the CI's store of secrets gives.
    """
    why = _why_not(build, base)
    if why:
        return BuildSettings(None, why=why)
    settings: list[tuple[str, Value]] = []
    notes: list[tuple[str, str]] = []
    for file in build.all("file")[-1:]:
        settings.append(("dockerfile", _path(build, file, base)))
    for name, value in build.options:
        if name in _SAME:
            settings.append((name, _as_ours(name, value)))
            if name == "build-arg" and any(fact.kind in _CHANGES for fact in value.facts):
                notes.append((f"--build-arg {value.source}", DIFFERS))
        elif name in _NO_EQUAL and not (name == "cache" and value.text == "false"):
            notes.append((f"--{name}", _NO_EQUAL[name]))
        elif name not in _TAKEN and name not in _NOT_NEEDED:
            notes.append((f"--{name} {value.source}".removesuffix(" true"), "it has no equal"))
    if build.program == "kaniko":
        notes.append((build.program, NO_ENGINE))
    context = _path(build, build.arguments[0], base)
    secrets = tuple(filter(None, (secret_argument(one, stored) for one in build.all("build-arg"))))
    return BuildSettings(context, tuple(settings), tuple(notes), secrets)


def _path(build: Operation, path: Value, base: str | None) -> Value:
    """A path that is meant from the folder of the build, as seen from base."""
    folder, base = _normal(build.folder), _normal(base)
    if folder == base or path.source.startswith(("/", "$")):
        return path
    if path.text is not None:
        return Value.constant(posixpath.relpath(posixpath.join(folder, path.text), base or "."))
    return Value.constant(posixpath.relpath(folder or ".", base or ".") + "/") + path


def _normal(folder: str | None) -> str:
    return "" if folder in (None, ".") else folder or ""


def _why_not(build: Operation, base: str | None) -> str:
    if build.strange:
        return f"what {build.strange[0]} says is not known"
    if len(build.arguments) != 1:
        return f"{len(build.arguments)} words could be its context"
    if build.folder is None or base is None:
        return "the folder that it runs in is not in the file"
    context = build.arguments[0].source
    if context == "-" or any(value.text == "-" for value in build.all("file")):
        return "it reads a Dockerfile from its standard input: write it to a file"
    if "://" in context or context.startswith("git@"):
        return "its context is not a folder of the checkout"
    return ""


def _as_ours(name: str, value: Value) -> Value:
    """What docker and we write differently."""
    if name in ("provenance", "sbom") and value.text == "false":
        return Value.constant("off")
    if name == "pull" and value.text in ("always", "newer"):
        return Value.constant("true")
    return value
