"""The kinds of settings: one module each, one line in this table, in the order in which they are applied.

A destination's templates and policy are there before anything arrives.
"""

from __future__ import annotations

from ecr_push.upkeep.registry.model import Section
from ecr_push.upkeep.registry.sections.account import ACCOUNT
from ecr_push.upkeep.registry.sections.caches import CACHES
from ecr_push.upkeep.registry.sections.exclusions import EXCLUSIONS
from ecr_push.upkeep.registry.sections.policy import POLICY
from ecr_push.upkeep.registry.sections.replication import REPLICATION
from ecr_push.upkeep.registry.sections.scanning import SCANNING
from ecr_push.upkeep.registry.sections.signing import SIGNING
from ecr_push.upkeep.registry.sections.templates import TEMPLATES

SECTIONS: tuple[Section, ...] = (
    SCANNING,
    ACCOUNT,
    POLICY,
    TEMPLATES,
    CACHES,
    SIGNING,
    EXCLUSIONS,
    REPLICATION,
)
