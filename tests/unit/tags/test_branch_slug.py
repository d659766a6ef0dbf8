"""Branch names as tags: readable where they can be, apart where they must be."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecr_push.tags.branch_slug import branch_slug
from ecr_push.versions.schemes.choice import SEMVER, parse_scheme

PLAIN = {
    "main": "main",
    "feature/login": "feature-login",
    "dependabot/npm_and_yarn/lodash-4.17.21": "dependabot-npm_and_yarn-lodash-4.17.21",
    "release/1.4": "release-1.4",
    "JIRA-12_Fix.it": "JIRA-12_Fix.it",
    "_private": "_private",
    "x" * 128: "x" * 128,
}


@pytest.mark.parametrize(("branch", "slug"), PLAIN.items())
def test_what_stays_readable(branch: str, slug: str) -> None:
    assert str(branch_slug(branch)) == slug


MARKED = {
    "fix#12": "fix-12",
    "a&b=c": "a-b-c",
    "$(touch ran)": "touch-ran",
    ".hidden": "hidden",
    "-dash": "dash",
    "ünï": "n",
    "日本語": "branch",
    "@": "branch",
    "x" * 129: "x" * 119,
    "y" * 300: "y" * 119,
    # what only we may say
    "latest": "branch-latest",
    "1": "branch-1",
    "1.4": "branch-1.4",
    "v1.4": "branch-v1.4",
    "1.4.2": "branch-1.4.2",
    "v1.4.2/hotfix": "branch-v1.4.2-hotfix",
    "sha-0123456789ab": "branch-sha-0123456789ab",
    "sha-0123456789ab-9c3d5e7f": "branch-sha-0123456789ab-9c3d5e7f",
    "dirty-0123456789ab": "branch-dirty-0123456789ab",
    "candidate-x": "branch-candidate-x",
    "claim-1": "branch-claim-1",
    "claim/form": "branch-claim-form",
    f"sha256-{'a' * 64}.sig": f"branch-sha256-{'a' * 64}.sig",
    f"sha256-{'a' * 64}": f"branch-sha256-{'a' * 64}",
    "pr-12": "branch-pr-12",
    "pr/12": "branch-pr-12",
}


@pytest.mark.parametrize(("branch", "readable"), MARKED.items())
def test_what_gets_a_hash(branch: str, readable: str) -> None:
    slug = str(branch_slug(branch))
    assert re.fullmatch(re.escape(readable) + "-[0-9a-f]{8}", slug)
    assert SEMVER.rank(slug) is None
    assert slug == str(branch_slug(branch))


@pytest.mark.parametrize(
    ("scheme", "branch"),
    [("pep440", "1.4.2rc1"), ("pep440", "1.4.2.post1"), ("YYYY.0M.MICRO", "2026.01.3-rc.1")],
)
def test_a_branch_is_not_a_version_of_any_scheme(scheme: str, branch: str) -> None:
    assert str(branch_slug(branch, scheme=parse_scheme(scheme))).startswith(f"branch-{branch}-")


def test_branches_with_the_same_slug_differ_where_the_clone_has_both() -> None:
    known = ["main", "feature/login", "feature-login", "a/b-c", "a-b/c"]
    slugs = [str(branch_slug(branch, known)) for branch in known]
    assert len(set(slugs)) == len(known)
    assert slugs[0] == "main"
    assert slugs[2] == "feature-login"


@given(st.text(min_size=1), st.text(min_size=1))
@example("a#b", "a-b")
@example("1.4", "branch-1.4")
@example("x" * 129, "x" * 130)
@example("feature/x", "feature-x")
@example("\ud800", "?")
def test_two_branches_never_share_a_tag(one: str, other: str) -> None:
    known = [one, other]
    assert (branch_slug(one, known) == branch_slug(other, known)) == (one == other)
