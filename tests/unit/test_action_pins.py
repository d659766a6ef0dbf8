"""The actions of others that our workflows, examples and pages name: by commit, on a node of today."""

from __future__ import annotations

import re

import pytest

from tests.support.paths import ROOT

# By action and commit: its version, and `runs.using`, as its action.yml there says. GitHub removed
# node 20 from its runners on 16 September 2026:
# https://github.blog/changelog/2025-09-19-deprecation-of-node-20-on-github-actions-runners/
PINS = {
    ("actions/checkout", "de0fac2e4500dabe0009e67214ff5f5447ce83dd"): ("v6.0.2", "node24"),
    ("actions/attest", "59d89421af93a897026c735860bf21b6eb4f7b26"): ("v4.1.0", "node24"),
    ("actions/download-artifact", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"): ("v8.0.1", "node24"),
    ("actions/setup-python", "a309ff8b426b58ec0e2a45f0f869d46889d02405"): ("v6.2.0", "node24"),
    ("actions/upload-artifact", "b7c566a772e6b6bfb58ed0dc250532a479d7789f"): ("v6.0.0", "node24"),
    ("docker/setup-buildx-action", "37fe631027851001ddb9b187196cc803df7f5f0e"): ("v4.3.0", "node24"),
    ("docker/setup-qemu-action", "96fe6ef7f33517b61c61be40b68a1882f3264fb8"): ("v4.2.0", "node24"),
    ("pypa/gh-action-pypi-publish", "cef221092ed1bacb1cc03d23a2d87d1d172e277b"): ("v1.14.0", "composite"),
    ("sigstore/cosign-installer", "6f9f17788090df1f26f669e9d70d6ae9567deba6"): ("v4.1.2", "composite"),
    ("github/codeql-action/upload-sarif", "8aad20d150bbac5944a9f9d289da16a4b0d87c1e"): ("v4.36.2", "node24"),
}
RUNS_ON_GITHUB = {"node24", "composite"}
_USES = re.compile(
    r"^[ \t]*(?:- )?uses:[ \t]*(?P<action>[\w./-]+)@(?P<pin>\S+)(?:[ \t]+# (?P<version>\S+))?", re.M
)
FILES = [
    *(ROOT / ".github").rglob("*.yml"),
    *(ROOT / "examples").rglob("*.yml"),
    *(ROOT / "docs").glob("*.md"),
    *ROOT.glob("*.md"),
    ROOT / "action.yml",
]
USED = [
    (path.relative_to(ROOT).as_posix(), found)
    for path in FILES
    for found in _USES.finditer(path.read_text(encoding="utf-8"))
    # Stand-ins for repositories of the reader's own.
    if not found["action"].startswith(("acme/", "ecr-push/"))
]


def test_there_is_something_to_look_at() -> None:
    assert {found["action"] for _, found in USED} == {action for action, _ in PINS}


@pytest.mark.parametrize(
    ("place", "found"), USED, ids=[f"{place}: {found['action']}" for place, found in USED]
)
def test_an_action_is_pinned_to_a_commit_that_runs_on_a_node_of_today(
    place: str, found: re.Match[str]
) -> None:
    version, node = PINS[found["action"], found["pin"]]
    assert found["version"] == version
    assert node in RUNS_ON_GITHUB
