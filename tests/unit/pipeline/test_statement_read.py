from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.reference import Digest
from ecr_push.base.shape import OddValueError
from ecr_push.pipeline.statement_read import read_judgement, read_provenance
from ecr_push.pipeline.verification import Provenance

HEX = "ab" * 32
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def judged(*scans: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {
        "verdict": "accepted",
        "policy": {"digest": {"sha256": HEX}},
        "scans": list(scans),
        "commit": COMMIT,
        "version": None,
        "tool": {"version": "1"},
        **more,
    }
    return {"predicate": said}


def scan(digest: str = HEX, at: object = "2026-11-30T10:00:00+00:00") -> dict[str, Any]:
    return {"digest": {"sha256": digest}, "completedAt": at}


def test_a_judgement_is_as_old_as_its_oldest_scan() -> None:
    found, scanned = read_judgement(judged(scan(), scan("cd" * 32, "2026-11-29T10:00:00+00:00")))
    assert (found.policy, found.commit, found.version) == (f"sha256:{HEX}", COMMIT, "")
    assert found.scanned_at == datetime(2026, 11, 29, 10, tzinfo=timezone.utc)
    assert scanned == {Digest(f"sha256:{HEX}"), Digest(f"sha256:{'cd' * 32}")}
    assert read_judgement(judged(scan(), scan("cd" * 32, None)))[0].scanned_at is None
    assert read_judgement(judged())[0].scanned_at is None


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"predicate": 1},
        judged(scan("xyz")),
        judged(scan(at="yesterday")),
        judged(scans={}),
        judged(policy={}),
        judged(verdict=True),
    ],
)
def test_a_judgement_of_another_form(statement: dict[str, Any]) -> None:
    with pytest.raises(OddValueError):
        read_judgement(statement)


BUILDKIT = "https://mobyproject.org/buildkit@v1#metadata"
VCS = {"vcs": {"source": "git@github.com:acme/app.git", "revision": COMMIT}}
GIT = {"configSource": {"uri": "https://github.com/acme/app.git#main", "digest": {"sha1": COMMIT}}}


@pytest.mark.parametrize(
    ("said", "builder", "source", "commit"),
    [
        (
            {"builder": {"id": "b"}, "metadata": {BUILDKIT: VCS}, "invocation": {"configSource": {}}},
            "b",
            "https://github.com/acme/app",
            COMMIT,
        ),
        ({"invocation": GIT}, "", "https://github.com/acme/app", COMMIT),
        (
            {
                "buildDefinition": {"externalParameters": {}},
                "runDetails": {"builder": {"id": "b"}, "metadata": {"buildkit_metadata": VCS}},
            },
            "b",
            "https://github.com/acme/app",
            COMMIT,
        ),
        ({"buildDefinition": {"externalParameters": GIT}}, "", "https://github.com/acme/app", COMMIT),
        (
            {
                "buildDefinition": {
                    "externalParameters": {"workflow": {"repository": "https://github.com/acme/app"}},
                    "resolvedDependencies": [{"digest": {"gitCommit": COMMIT}}],
                },
                "runDetails": {"builder": {"id": "https://github.com/acme/app/.github/workflows/a.yml@x"}},
            },
            "https://github.com/acme/app/.github/workflows/a.yml@x",
            "https://github.com/acme/app",
            COMMIT,
        ),
        ({}, "", "", ""),
    ],
)
def test_provenance(said: dict[str, Any], builder: str, source: str, commit: str) -> None:
    assert read_provenance({"predicate": said}, "p") == Provenance("p", builder, source, commit)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["predicate", "buildDefinition", "externalParameters", "metadata", "scans"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=20,
    )
)
def test_whatever_is_stated_is_read_or_odd(value: object) -> None:
    for read in (read_judgement, lambda one: read_provenance(one, "")):
        try:
            read({"predicate": value})
        except OddValueError:
            continue
