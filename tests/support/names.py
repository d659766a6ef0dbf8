"""The tags of a source, in short, for tests that are about something else than settings."""

from __future__ import annotations

from ecr_push.source.model import Source
from ecr_push.tags.kinds import ReleaseTag, complete, computed_tags, extra_tags, movable
from ecr_push.versions.derive import derive_version
from ecr_push.versions.versioning import DESCRIBE, Versioning


def tags_of(
    source: Source, *extra: str, floating: str = "all", versioning: Versioning = DESCRIBE
) -> tuple[ReleaseTag, ...]:
    """The computed tags and the extra ones, as `name_image` puts them together."""
    version = derive_version(source.history, versioning)
    own = movable(computed_tags(source, version), floating)
    return complete([*own, *extra_tags(extra, source, version)], source)
