"""The platform of a build that the settings do not name: the environment's, else the builder's own.

`docker buildx build` reads DOCKER_DEFAULT_PLATFORM, `docker buildx bake` and the engine's API do not. So it
is read here, and named to each of them.
https://docs.docker.com/reference/cli/docker/#environment-variables
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ecr_push.base.annotation import parse_annotation
from ecr_push.base.errors import SettingsError
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean

FROM_ENVIRONMENT = "DOCKER_DEFAULT_PLATFORM"
_PART = lazy_regex(r"[A-Za-z0-9_.()+-]+")
# https://github.com/containerd/platforms/blob/v1.0.0/database.go
_ARCHITECTURES = {
    "i386": "386",
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armhf": "arm/v7",
    "armel": "arm/v6",
}
_KNOWN = (
    *("386", "amd64", "arm", "arm64", "loong64", "mips", "mipsle", "mips64", "mips64le"),
    *("ppc64", "ppc64le", "riscv64", "s390x", "wasm", "wasm32"),
    *_ARCHITECTURES,
)
_SYSTEMS = ("linux", "windows", "darwin", "freebsd", "wasi", "wasip1", "js")
_DEFAULT_VARIANTS = {"amd64": "v1", "arm64": "v8"}


def build_platforms(given: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """The platforms that the settings name, else those of the environment, else none: the builder's own.

    Raises SettingsError for a variable that names no platform.
    """
    if given:
        return tuple(given)
    found = tuple(part.strip() for part in environ.get(FROM_ENVIRONMENT, "").split(",") if part.strip())
    for one in found:
        parts = one.split("/")
        if len(parts) > 3 or not all(map(_PART.fullmatch, parts)):
            problem = f"{one!r} is not a valid platform: expected OS/ARCH, such as linux/amd64"
            raise SettingsError(
                [f"{FROM_ENVIRONMENT}: {problem}"],
                remedy="correct the variable, unset it, or name the platform with --platform",
            )
    return found


def misspelt(platforms: Iterable[str]) -> Iterator[str]:
    """Which platforms are nearly known ones, in words: BuildKit takes any, and names the image so."""
    for one in platforms:
        os, _, rest = one.partition("/")
        for part, known in ((os, _SYSTEMS), (rest.partition("/")[0], _KNOWN)):
            if part not in known and (hint := did_you_mean(part, known)):
                yield f"{one}: {part} is not known{hint}"


def normal(platform: str) -> str:
    """platform as an image's configuration has it: `linux/x86_64` -> `linux/amd64`."""
    os, slash, rest = platform.lower().partition("/")
    if not slash and os in _KNOWN:
        os, rest = "linux", os
    name, _, variant = rest.partition("/")
    name, _, implied = _ARCHITECTURES.get(name, name).partition("/")
    variant = variant or implied
    if name == "arm":
        variant = variant or "v7"
    if variant == _DEFAULT_VARIANTS.get(name):
        variant = ""
    return "/".join(part for part in (os, name, variant) if part)


def annotations_of_others(annotations: Iterable[str], platforms: Sequence[str]) -> Iterator[str]:
    """Which annotations are for a platform that is not built, in words: BuildKit leaves them out in silence.

    platforms: those that are built; none where that is not known.
    """
    built = set(map(normal, platforms))
    for one in map(parse_annotation, annotations):
        for _, platform in one.levels:
            if platform and built and normal(platform) not in built:
                yield f"{one.key} is for {platform}, and the build is for {', '.join(platforms)}"
