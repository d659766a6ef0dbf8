"""The release of ecr-push that the written files name."""

from __future__ import annotations

from ecr_push.base.own_version import own_version

# This one; of a copy between two releases, such as 1.0.0.dev0, the one to come.
RELEASE = own_version().partition(".dev")[0] or "1.0.0"
MAJOR = f"v{RELEASE.partition('.')[0]}"
