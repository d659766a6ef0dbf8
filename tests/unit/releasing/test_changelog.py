"""The sections of the changelog, and how a release moves them."""

from __future__ import annotations

import pytest

from releasing import changelog
from tests.support.paths import ROOT

FIRST = """\
# Changelog

All notable changes.

## [Unreleased]

### Added

- One.
- Two,
  with [a link](docs/x.md).
"""


def test_the_first_release_gets_the_changes_and_a_link() -> None:
    assert (
        changelog.released(FIRST, "1.0.0", "2026-11-29")
        == """\
# Changelog

All notable changes.

## [Unreleased]

## [1.0.0] - 2026-11-29

### Added

- One.
- Two,
  with [a link](docs/x.md).

[Unreleased]: https://github.com/ecr-push/ecr-push/compare/v1.0.0...HEAD
[1.0.0]: https://github.com/ecr-push/ecr-push/releases/tag/v1.0.0
"""
    )


def test_a_later_release_leaves_the_earlier_as_they_are() -> None:
    first = changelog.released(FIRST, "1.0.0", "2026-11-29")
    second = changelog.released(
        first.replace("## [Unreleased]\n", "## [Unreleased]\n\n- Three.\n"), "1.1.0", "2026-12-24"
    )
    assert second.startswith(
        FIRST.partition("\n### Added")[0] + "\n## [1.1.0] - 2026-12-24\n\n- Three.\n\n## [1.0"
    )
    assert changelog.section(second, "1.1.0") == "- Three."
    assert changelog.section(second, "1.0.0") == changelog.section(FIRST, "Unreleased")
    assert changelog.section(second, "Unreleased") == ""
    assert second.endswith(
        "[Unreleased]: https://github.com/ecr-push/ecr-push/compare/v1.1.0...HEAD\n"
        "[1.1.0]: https://github.com/ecr-push/ecr-push/releases/tag/v1.1.0\n"
        "[1.0.0]: https://github.com/ecr-push/ecr-push/releases/tag/v1.0.0\n"
    )
    assert second.count("[Unreleased]: ") == 1


@pytest.mark.parametrize(
    ("text", "empty"),
    [("", True), ("### Added\n\n### Fixed\n", True), ("- One.", False), ("### Added\n\n- x", False)],
)
def test_headings_alone_name_no_change(text: str, empty: bool) -> None:
    assert changelog.is_empty(text) == empty


def test_a_heading_that_is_missing_is_not_an_empty_section() -> None:
    assert changelog.section("# Changelog\n", "Unreleased") is None


def test_our_own_changelog_can_be_released() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = changelog.section(text, "Unreleased")
    assert unreleased is not None
    after = changelog.released(text, "99.0.0", "2099-12-31")
    assert changelog.section(after, "99.0.0") == unreleased
    assert changelog.section(after, "Unreleased") == ""
