"""A line of docker/metadata-action's `tags:`, parsed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecr_push.base.dataclass import dataclass
from ecr_push.tags.metadata_action.template import EMPTY, Template

if TYPE_CHECKING:
    from ecr_push.tags.metadata_action.pattern import JsPattern


@dataclass(frozen=True)
class TagRule:
    """One line.

    line:     its number in the text, from 1; 0 for a rule of DEFAULT_RULES.
    prefix, suffix: None if the line has none; then those of the flavor apply.
    pattern:  the template of the tag, for schedule, semver and pep440.
    value:    what semver, pep440 and match read instead of the git tag, and the tag of raw.
    search:   the pattern of match, or the `match` of semver and pep440.
    group:    the group of search that is used.
    image:    the repository of the image that the line names in place of a tag.
    doubts:   what was read as the action reads it, and was probably not meant so.
    """

    line: int
    text: str
    type: str
    priority: float
    enable: Template
    prefix: Template | None = None
    suffix: Template | None = None
    pattern: Template = EMPTY
    value: Template = EMPTY
    search: JsPattern | None = None
    group: int = 0
    branch: str = ""
    event: str = ""
    long: bool = False
    image: str = ""
    doubts: tuple[str, ...] = ()

    def find(self, text: str) -> tuple[str | None, ...] | None:
        """Returns what search finds: the match and its groups."""
        return self.search.match(text) if self.search else None
