from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.policy.vex import Product, Statement
from ecr_push.policy.vex_read import read_vex

DOCUMENT = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.com/vex/1",
    "author": "Team A",
    "timestamp": "2026-01-02T03:04:05Z",
    "version": 1,
}
STATEMENT: dict[str, Any] = {
    "vulnerability": {"name": "CVE-2024-1", "aliases": ["ghsa-x"]},
    "products": [
        {
            "@id": "pkg:oci/app@sha256%3Aaa",
            "identifiers": {"purl": "pkg:oci/app"},
            "hashes": {"sha-256": "AA"},
            "subcomponents": [{"@id": "pkg:deb/debian/openssl"}],
        }
    ],
    "status": "not_affected",
    "justification": "vulnerable_code_not_present",
    "impact_statement": "We build without it.",
}


def read(*statements: Any, **about: Any) -> tuple[tuple[Statement, ...], list[str]]:
    problems: list[str] = []
    document = {**DOCUMENT, **about, "statements": list(statements)}
    return read_vex(json.dumps(document).encode(), "vex.json", problems.append), problems


def test_a_statement_of_0_2_0() -> None:
    (found,), problems = read(STATEMENT)
    assert not problems
    assert found == Statement(
        ("CVE-2024-1", "GHSA-X"),
        "not_affected",
        (Product(("pkg:oci/app@sha256%3Aaa", "pkg:oci/app"), ("sha256:aa",), ("pkg:deb/debian/openssl",)),),
        "vulnerable_code_not_present",
        "We build without it.",
        "Team A",
        1767323045.0,
        "vex.json, statement 1",
    )


def test_a_statement_of_0_0_1() -> None:
    old = {
        "vulnerability": "cve-2024-1",
        "products": ["pkg:apk/wolfi/git@2.39.0-r1?arch=armv7"],
        "subcomponents": ["pkg:apk/wolfi/zlib"],
        "status": "fixed",
        "timestamp": "2023-01-08T18:02:03.647787998-06:00",
    }
    (found,), problems = read(old, **{"@context": "https://openvex.dev/ns"})
    assert not problems
    assert found.names == ("CVE-2024-1",)
    assert found.products[0].subcomponents == ("pkg:apk/wolfi/zlib",)
    assert found.order == pytest.approx(1673222523.647787)


def test_an_update_of_the_document_makes_no_statement_newer() -> None:
    withdrawn = {**STATEMENT, "status": "affected", "timestamp": "2026-02-02T03:04:05Z"}
    (old, new), problems = read(STATEMENT, withdrawn, last_updated="2026-02-02T03:04:06Z")
    assert not problems and old.order < new.order


def test_components_that_are_named_by_hashes_alone_are_not_everything() -> None:
    product = {"@id": "pkg:oci/app", "subcomponents": [{"hashes": {"md5": "00"}}]}
    (found,), problems = read({**STATEMENT, "products": [product]})
    assert not problems and found.products[0].subcomponents == ("",)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "harmless"}, "status 'harmless' is not one of not_affected"),
        ({"justification": None}, "not_affected needs a justification, one of component_not_present"),
        ({"justification": "trust_me"}, "found 'trust_me'"),
        ({"vulnerability": {}}, "vulnerability is missing"),
        ({"products": []}, "products is missing"),
        ({"products": "pkg:oci/app"}, "products is not a list"),
        ({"products": [{}]}, "neither @id nor identifiers nor hashes"),
        ({"products": [7]}, "neither a text nor an object"),
        ({"timestamp": "yesterday"}, "timestamp 'yesterday' is not a valid ISO date and time"),
    ],
)
def test_mistakes_are_reported_and_the_statement_is_skipped(change: dict[str, Any], expected: str) -> None:
    found, complaints = read(STATEMENT, {**STATEMENT, **change})
    assert len(found) == 1
    assert len(complaints) == 1
    assert complaints[0].startswith("vex.json, statement 2: ") and expected in complaints[0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "not an OpenVEX document"),
        (b'{"bomFormat": "CycloneDX"}', "not an OpenVEX document"),
        (b'{"@context": "https://openvex.dev/ns/v0.2.0"}', "'statements' is not a list"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_a_file_that_is_not_an_openvex_document(content: bytes, expected: str) -> None:
    complaints: list[str] = []
    assert read_vex(content, "vex.json", complaints.append) == ()
    assert expected in complaints[0]
