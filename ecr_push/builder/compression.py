"""How layers are compressed: what BuildKit is asked for, and what it made of it.

BuildKit compresses the layers that it makes. A base image's layers and those of its cache stay as they are,
whatever is asked for, unless all are to be compressed again; and an engine with docker's own image store
pushes gzip alone. So what was asked for is held against the pushed manifest.
https://docs.docker.com/build/exporters/#compression
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex

# The highest level; the lowest is 0. https://docs.docker.com/build/exporters/image-registry/
_LEVELS: Mapping[str, int] = {"gzip": 9, "zstd": 22}
_FORM = lazy_regex(r"(?P<kind>[a-z]+)(?:,level=(?P<level>[0-9]{1,2}))?(?P<force>,force)?")


@dataclass(frozen=True)
class Compression:
    """kind: gzip or zstd; "" for the builder's own. level: None for the builder's own."""

    kind: str = ""
    level: int | None = None
    force: bool = False

    def attributes(self) -> str:
        """What is added to the text of an output, with a comma before it."""
        if not self.kind:
            return ""
        level = "" if self.level is None else f",compression-level={self.level}"
        return f",compression={self.kind}{level}{',force-compression=true' if self.force else ''}"

    def of_content(self) -> str:
        """What decides on the image's digest, beyond the default."""
        return self.attributes()[1:]

    def doubts(self, layer_types: Sequence[str]) -> Iterator[str]:
        """What the pushed layers are not, by their media types: none for an index."""
        others = [one for one in layer_types if not one.endswith(self.kind)]
        if not self.kind or not others:
            return
        of = f"{len(others)} of {len(layer_types)} layers" if len(layer_types) > 1 else "the layer"
        are = "are" if len(others) > 1 else "is"
        if self.force:
            why = (
                ", though all were to be: an engine with docker's own image store pushes gzip alone. Give it "
                "the containerd image store, or use a builder in a container (docker buildx create)"
            )
        else:
            why = (
                ": layers of the base image and of the cache stay as they are. "
                f"--compression {self.kind},force compresses all of them again"
            )
        yield f"--compression {self.kind}: {of} {are} not{why}"


def compression_of(text: str) -> Compression:
    """What `zstd,level=19,force` stands for. Raises ValueError."""
    if not text:
        return Compression()
    found = _FORM.fullmatch(text)
    if not found or found["kind"] not in _LEVELS:
        raise ValueError(f"{text!r}: expected gzip or zstd, then ,level=N or ,force")
    level = int(found["level"]) if found["level"] else None
    most = _LEVELS[found["kind"]]
    if level is not None and level > most:
        raise ValueError(f"{text!r}: {found['kind']} has levels 0 to {most}")
    return Compression(found["kind"], level, bool(found["force"]))
