"""Ten thousand tags and fifty thousand commits: they are read right, in bounded memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.benchmarks import benchmark
from tests.support.git_repository import git_environment
from tests.support.measuring import Measured, measured

history = benchmark("history")
MEGABYTE = 1024  # ru_maxrss counts kilobytes


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return history.Trees.make(tmp_path_factory.mktemp("large"))


def run(argv: tuple[str, ...], folder: Path) -> Measured:
    return measured(argv, folder, git_environment())


@pytest.mark.parametrize("case", history.CASES.values(), ids=history.CASES)
def test_memory_does_not_grow_with_the_commits(trees: Any, case: Any) -> None:
    """Ten thousand tags take some megabytes; fifty thousand commits and their messages none."""
    small = run(case.ours, trees.small).kilobytes
    # git's own memory counts where it is larger than ours: it maps its packs.
    git = max(run(one, trees.large[case.branch]).kilobytes for one in case.gits)
    large = run(case.ours, trees.large[case.branch])
    assert large.output.startswith(case.says)
    assert large.kilobytes <= max(small + 12 * MEGABYTE, git + 2 * MEGABYTE)
