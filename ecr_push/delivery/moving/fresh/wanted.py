"""What the files of a repository are to say: from what was found there, and from what the user says. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.found import Dockerfile, Found, Releases
from ecr_push.delivery.moving.fresh.own_settings import OwnSettings
from ecr_push.delivery.moving.model import NotMovedError, Wish

_NOT_IN_A_NAME = lazy_regex(r"[^a-z0-9]+")


@dataclass(frozen=True)
class WantedImage:
    """name: of a job. dockerfile: "" for the context's own. repository: in ECR.

    tag_prefix: of the git tags that release it.
    """

    name: str
    repository: str
    context: str
    dockerfile: str
    tag_prefix: str = ""


@dataclass(frozen=True)
class Wanted:
    """region, role: "" where the user has to fill them in. default_branch: whose commits are pushed.

    has_settings: whether ecr-push.yml is there already, and says all else of the images.
    """

    images: tuple[WantedImage, ...]
    region: str
    role: str
    releases: Releases
    gate: bool
    default_branch: str = "main"
    has_settings: bool = False
    remote: str = ""


def wanted_of(found: Found, wish: Wish, *, name: str = "", settings: OwnSettings | None = None) -> Wanted:
    """name: of the checkout, for the repository where the user names none. settings: those that are there.

    Raises NotMovedError.
    """
    if settings:
        return _as_settings_say(found, wish, settings)
    if not found.dockerfiles:
        raise NotMovedError(
            "there is no Dockerfile here: `ecr-push init` writes files for images that a Dockerfile builds; "
            "run it in the folder with the Dockerfile, or write one first. What another program builds is "
            "released with `ecr-push run --image`"
        )
    own = wish.repository or repository_name(name)
    several = len(found.dockerfiles) > 1
    names = _names(found.dockerfiles)
    prefix = found.releases.prefix
    is_an_images = several and prefix[:-1] in names
    images = tuple(
        _image(one, name, own, f"{name}{prefix[-1]}" if is_an_images else prefix, several=several)
        for one, name in zip(found.dockerfiles, names, strict=True)
    )
    return Wanted(
        images, wish.region, wish.role, found.releases, wish.gate, found.default_branch, remote=found.remote
    )


def _as_settings_say(found: Found, wish: Wish, settings: OwnSettings) -> Wanted:
    ends = found.releases.prefix[-1:] if settings.images else ""
    images = tuple(
        WantedImage(one, "", "", "", f"{one}{ends}" if ends else found.releases.prefix)
        for one in settings.images or ("image",)
    )
    return Wanted(
        images,
        settings.region,
        wish.role,
        found.releases,
        wish.gate,
        found.default_branch,
        has_settings=True,
        remote=found.remote,
    )


def repository_name(name: str) -> str:
    """A folder's name as a repository of ECR may be called: lower case, with single dashes."""
    return _NOT_IN_A_NAME.sub("-", name.lower()).strip("-") or "app"


def _names(files: Sequence[Dockerfile]) -> list[str]:
    """Of the images, no two the same: by the whole path where the last part of it is not enough."""
    short = [repository_name(one.name) if one.name else "image" for one in files]
    whole = [repository_name(one.path.removesuffix("Dockerfile")) for one in files]
    return [name if short.count(name) == 1 else path for name, path in zip(short, whole, strict=True)]


def _image(file: Dockerfile, name: str, own: str, prefix: str, *, several: bool) -> WantedImage:
    repository = f"{own}/{name}" if several and file.name else own
    return WantedImage(name, repository, file.context, "" if file.is_default else file.path, prefix)
