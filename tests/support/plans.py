"""Plans made by hand: of a release, a branch build and a pull request, and the labels of their images."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from ecr_push.builder.plan import Base
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.plan import Plan, make_plan
from ecr_push.source.model import Source
from ecr_push.tags.labels import BASES_LABEL, COMMIT_LABEL, INPUTS_LABEL
from ecr_push.tags.naming import name_image
from ecr_push.versions.derive import derive_version
from tests.support import sources
from tests.support.fakes import manifest
from tests.support.settings import settings
from tests.support.sources import MERGE, changed

SOURCE = sources.source(
    root=Path("/src"), committed_at=datetime(2026, 1, 2, tzinfo=timezone.utc),
    tags=("v1.4.2",), nearest="v1.4.2", release_tags=("v1.4.2",),
)  # fmt: skip
EARLIER = manifest("earlier")
OTHER = manifest("other")
BRANCH_BUILD = changed(SOURCE, tags=(), distance=5)
PULL_REQUEST = changed(BRANCH_BUILD, branch="", pull_request="12", built_from=MERGE)


def plan(source: Source = SOURCE, bases: tuple[Base, ...] = (), **values: object) -> Plan:
    given = settings(**{"repository": "team/app", **values})
    version = derive_version(source.history)
    names = name_image(given.tags, source, version, CiFacts(), now=SOURCE.committed_at)
    return make_plan(given, source, version, names, "run1", bases=bases)


def labelled(made: Plan, **changed: str) -> dict[str, str]:
    own = {name: made.build.labels[name] for name in (INPUTS_LABEL, BASES_LABEL)}
    return {COMMIT_LABEL: SOURCE.commit, **own} | changed
