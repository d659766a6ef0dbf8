"""An ecr-push.yml that is there already: which images it names, for the file of the CI beside it. Pure."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.yaml_tree import Mapping, read_yaml
from ecr_push.settings.images.entry import NAME

PATH = "ecr-push.yml"


@dataclass(frozen=True)
class OwnSettings:
    """repository, region: "" where it has none. images: the names of several."""

    repository: str = ""
    region: str = ""
    images: tuple[str, ...] = ()


def own_settings(text: str) -> OwnSettings:
    """Raises YamlError, and ValueError for an image with a name that is none: it would be written into a file
    that runs commands. Whether the settings are valid is not looked at otherwise.
    """
    root = read_yaml(text)
    top = root.value if root and isinstance(root.value, Mapping) else Mapping(())
    images = top.get("images")
    several = images.node.value.entries if images and isinstance(images.node.value, Mapping) else ()
    names = tuple(one.name for one in several)
    if wrong := next((one for one in names if not NAME.fullmatch(one)), None):
        raise ValueError(f"images: {wrong!r} is not a name for an image")
    return OwnSettings(_text(top, "repository"), _text(top, "region"), names)


def _text(top: Mapping, name: str) -> str:
    entry = top.get(name)
    return entry.node.value if entry and isinstance(entry.node.value, str) else ""
