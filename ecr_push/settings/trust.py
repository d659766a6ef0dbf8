"""Whose word counts: the caller's flags and variables always, and ecr-push.yml where its author may push.

What comes with an outsider's code says nothing: ecr-push.yml could name files of ours to write over or show,
variables of the programs that we start, or a policy that accepts everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SourceError
from ecr_push.ci.facts import CiFacts
from ecr_push.settings.ci_overrides import overridden
from ecr_push.settings.declare import Settings
from ecr_push.settings.sources import read_sources
from ecr_push.source.git.checkout import commit_there
from ecr_push.source.trust import outsiders_code


def outsiders_caller(flags: Mapping[str, Any], environ: Mapping[str, str], facts: CiFacts) -> Settings | None:
    """What flags and variables say alone, as far as it is right, where an outsider's code may be built.

    None where ecr-push.yml counts too: on a laptop, and for code of somebody who may push.
    """
    if not facts.unattended:
        return None
    said = read_sources(flags, environ).settings()
    try:
        return said if outsiders(said, overridden(facts, said)) else None
    except SourceError:  # which is told once the settings are right
        return said


def outsiders(settings: Settings, facts: CiFacts) -> str:
    """What is built, in words, where it has to be taken for an outsider's; "" for anything else."""

    def commit() -> str:
        # An image that is in the engine may be made of anything.
        if settings.image:
            return ""
        context = Path(settings.context)
        dockerfile = Path(settings.dockerfile or context / "Dockerfile")
        return commit_there(context, dockerfile, trusted=facts.unattended)

    return outsiders_code(facts, commit)
