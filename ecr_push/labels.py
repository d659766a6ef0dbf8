"""The image's OCI labels: Source + Version + CiFacts -> labels. Pure.

Keys: https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md
"""

from __future__ import annotations

from datetime import datetime, timezone

from ecr_push.ci.facts import CiFacts
from ecr_push.source import Source
from ecr_push.version import Version

_PREFIX = "org.opencontainers.image."


def image_labels(
    source: Source,
    version: Version,
    facts: CiFacts,
    *,
    title: str = "",
    created: datetime | None = None,
) -> dict[str, str]:
    """The labels, in the order of their keys; what is unknown is left out, never empty.

    title:   by default the last part of the source's address, else the root folder's name.
    created: by default the commit's time, not the build's: the same commit gives the same labels, and
             an image that did not change keeps its digest. Must know its time zone.

    Neither URL holds credentials. `version` keeps the build metadata that an image tag cannot hold.
    `ref.name` is not set: the specification reserves it for descriptors in an index.
    """
    home = source.remote_url or facts.repository_url
    moment = (created or source.committed_at).astimezone(timezone.utc)
    labels = {
        "created": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "revision": source.commit,
        "source": home,
        "title": title or home.rpartition("/")[2] or source.root.name,
        "url": home,
        "version": str(version),
    }
    return {f"{_PREFIX}{key}": value for key, value in labels.items() if value}
