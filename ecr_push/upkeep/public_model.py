"""What a public repository is to show, and where it differs: the nouns, and the comparison. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.registry.catalog import Catalog

_LONGEST_SHOWN = 60  # characters of a text in a line


@dataclass(frozen=True)
class WantedCatalog:
    """As far as a file gives it; None for what it leaves as it is. about and usage are Markdown."""

    description: str | None = None
    about: str | None = None
    usage: str | None = None
    logo: bytes | None = None
    architectures: tuple[str, ...] | None = None
    operating_systems: tuple[str, ...] | None = None

    def over(self, found: Catalog) -> dict[str, Any]:
        """Shape RepositoryCatalogDataInput: this, and what else is there, since a put is of all of it."""
        texts = {
            "description": found.description if self.description is None else self.description,
            "aboutText": found.about if self.about is None else self.about,
            "usageText": found.usage if self.usage is None else self.usage,
        }
        lists = {
            "architectures": found.architectures if self.architectures is None else self.architectures,
            "operatingSystems": found.operating_systems
            if self.operating_systems is None
            else self.operating_systems,
        }
        logo = {} if self.logo is None else {"logoImageBlob": self.logo}
        return {**texts, **{name: list(one) for name, one in lists.items()}, **logo}


@dataclass(frozen=True)
class CatalogChange:
    """One part that differs. line: what is shown of it."""

    key: str
    line: str


@dataclass(frozen=True)
class PublicPlan:
    """What is to be done to one public repository. found: as it is; None for one that does not exist."""

    name: str
    wanted: WantedCatalog
    found: Catalog | None
    changes: tuple[CatalogChange, ...]

    @property
    def differs(self) -> bool:
        return self.found is None or bool(self.changes)


def plan_of(name: str, wanted: WantedCatalog, found: Catalog | None) -> PublicPlan:
    return PublicPlan(name, wanted, found, tuple(_changes(found or Catalog(), wanted)))


def _changes(found: Catalog, wanted: WantedCatalog) -> Iterator[CatalogChange]:
    for key in ("description", "about", "usage", "architectures", "operating_systems"):
        now, then = getattr(found, key), getattr(wanted, key)
        if then is not None and (then if isinstance(then, str) else sorted(then)) != (
            now if isinstance(now, str) else sorted(now)
        ):
            yield CatalogChange(key.replace("_", "-"), f"{_shown(now)} -> {_shown(then)}")
    # A logo is not given back, so whether another one is there cannot be known.
    if wanted.logo is not None and not found.has_logo:
        yield CatalogChange("logo", f"(none) -> {len(wanted.logo):,} bytes")


def _shown(value: str | tuple[str, ...]) -> str:
    text = value if isinstance(value, str) else ", ".join(value)
    text = " ".join(text.split())
    return (text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…") or "(none)"
