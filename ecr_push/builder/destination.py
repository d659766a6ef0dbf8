"""The options that say where the image goes: into the registry, as a run has it, or to this machine alone."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import HOW_TO_BUILD, Parsed, option
from ecr_push.builder.buildkit_values import pairs

_BUILT = frozenset({"run", "build"})
# https://docs.docker.com/build/exporters/
_TYPES = ("oci", "docker", "local", "tar")
_COMPRESSED = ("gzip", "zstd", "uncompressed")
INTO_THE_ENGINE = "type=docker"


def export_of(text: str) -> Mapping[str, str]:
    """The attributes of an export in docker's form; a path alone is the folder of type=local.

    Raises ValueError.
    """
    try:
        return pairs(text) if "=" in text else {"type": "local", "dest": text}
    except (ValueError, csv.Error):
        raise ValueError(f"{text!r}: expected type=TYPE,dest=PATH") from None


def _export(text: str) -> str:
    given = export_of(text)
    kind, dest = given.get("type", ""), given.get("dest", "")
    if kind in ("image", "registry"):
        raise ValueError(f"type={kind}: a run pushes by itself what it builds: leave it out")
    if kind not in _TYPES:
        raise ValueError(f"type={kind}: expected one of {', '.join(_TYPES)}")
    if "push" in given:
        raise ValueError("push: what is exported is not pushed: leave it out")
    if dest == "-":
        raise ValueError("dest=-: standard output has the result of the run: name a file")
    if not dest and kind != "docker":
        raise ValueError(f"type={kind} needs dest={'DIR' if kind == 'local' else 'FILE'}")
    if given.get("compression", "gzip") not in _COMPRESSED:
        raise ValueError(f"compression={given['compression']}: expected one of {', '.join(_COMPRESSED)}")
    return text if "=" in text else f"type=local,dest={dest}"


Export = Annotated[str, Parsed(_export)]


@dataclass(frozen=True, eq=False, repr=False)
class DestinationOptions:
    """Where the image goes."""

    push: bool | None = option(
        None,
        HOW_TO_BUILD,
        _BUILT,
        "Push the image. --no-push builds and checks it, and leaves nothing but the builder's cache.",
        default_text="yes, without --load and --export",
        by_caller=True,
    )
    load: bool = option(
        False,
        HOW_TO_BUILD,
        _BUILT,
        "Build the image into the engine, as --tag NAME:TAG names it, and push nothing.",
        by_caller=True,
    )
    exports: tuple[Export, ...] = option(
        (),
        HOW_TO_BUILD,
        _BUILT,
        "Write the image to this machine, in the form of docker's --output, such as type=oci,dest=FILE, and "
        "push nothing; may be repeated.",
        metavar="type=TYPE,dest=PATH",
        key="export",
        separator="\n",
        by_caller=True,
    )

    @property
    def stays_here(self) -> bool:
        """Whether nothing is pushed."""
        return stays_here(self.push, self.load, self.exports)


def stays_here(push: bool | None, load: bool, exports: tuple[str, ...]) -> bool:
    """See `DestinationOptions`: whether such values push nothing."""
    return push is False or load or bool(exports)


@dataclass(frozen=True)
class Kept:
    """What is kept of a build on this machine; nothing where there are no outputs.

    outputs: in docker's form, `type=docker` for the engine. names: NAME:TAG, of the image in them.
    """

    outputs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def in_engine(self) -> bool:
        return any(not export_of(one).get("dest") for one in self.outputs)

    @property
    def paths(self) -> tuple[str, ...]:
        """Where files were written."""
        return tuple(filter(None, (export_of(one).get("dest", "") for one in self.outputs)))
