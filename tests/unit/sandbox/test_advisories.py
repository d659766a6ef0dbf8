from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.sandbox.advisories import SAMPLE, AdvisoriesError, AdvisoryDatabase
from ecr_push.sandbox.osv import OsvError, parse_osv
from tests.support.sandbox.rootfs import package

CRITICAL = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
LOW = {"type": "Ubuntu", "score": "low"}


def osv(
    identifier: str = "X-1", *, ecosystem: str = "PyPI", name: str = "thing", **more: Any
) -> dict[str, Any]:
    """A document about one package, without a range; more replaces or adds members."""
    affected = {"package": {"ecosystem": ecosystem, "name": name}, **more.pop("affected", {})}
    return {"id": identifier, "modified": "2024-01-02T03:04:05Z", "affected": [affected], **more}


def events(*events: tuple[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{name: version} for name, version in events]}]}


def database(folder: Path, *documents: dict[str, Any]) -> AdvisoryDatabase:
    for document in documents:
        (folder / f"{document['id']}.json").write_text(json.dumps(document))
    return AdvisoryDatabase((folder,))


# Real packages, as the sample must judge them.
@pytest.mark.parametrize(
    ("ecosystem", "name", "version", "expected"),
    [
        ("PyPI", "PyYAML", "5.3.1", [("CVE-2020-14343", "CRITICAL", 9.8, "5.4")]),
        ("PyPI", "pyyaml", "5.4b2", [("CVE-2020-14343", "CRITICAL", 9.8, "5.4")]),
        ("PyPI", "PyYAML", "5.4", []),
        ("PyPI", "PyYAML", "6.0.2", []),
        ("PyPI", "Jinja2", "2.10", [("CVE-2019-10906", "HIGH", 8.6, "2.10.1")]),
        ("PyPI", "urllib3", "1.26.16", [("CVE-2023-43804", "MEDIUM", 5.9, "1.26.17")]),
        ("PyPI", "urllib3", "1.26.18", []),
        ("PyPI", "urllib3", "2.0.5", [("CVE-2023-43804", "MEDIUM", 5.9, "2.0.6")]),
        ("PyPI", "Django", "3.0", []),
        ("PyPI", "Django", "3.2.12", [("CVE-2022-28346", "CRITICAL", 9.8, "3.2.13")]),
        ("PyPI", "certifi", "2023.7.22", []),
        ("Debian:12", "openssh", "1:9.2p1-2+deb12u2", [("CVE-2024-6387", "HIGH", 8.1, "1:9.2p1-2+deb12u3")]),
        ("Debian:12", "openssh", "1:9.2p1-2+deb12u3", []),
        ("Debian:11", "openssh", "1:8.4p1-5+deb11u3", []),
        ("Alpine:v3.19", "busybox", "1.36.1-r15", [("CVE-2023-42366", "MEDIUM", 5.5, "1.36.1-r16")]),
        ("Alpine:v3.19", "busybox", "1.36.1-r19", []),
        ("Alpine:v3.20", "busybox", "1.36.1-r15", []),
    ],
)
def test_the_sample(ecosystem: str, name: str, version: str, expected: list[tuple[Any, ...]]) -> None:
    matches = AdvisoryDatabase().matches([package(name, version, ecosystem)])
    assert [(it.advisory.name, it.severity, it.score, it.fixed_version) for it in matches] == expected


def test_the_sample_is_small_and_names_its_sources() -> None:
    files = sorted(SAMPLE.glob("*.json"))
    assert 8 <= len(files) <= 20
    for file in files:
        advisory = parse_osv(file.read_bytes())
        assert advisory and advisory.id == advisory.name == file.stem
        assert advisory.summary and advisory.details and advisory.references and advisory.rating.score


# What a freshly built, current image of debian:bookworm-slim has (security updates applied).
def test_the_sample_leaves_a_current_debian_12_alone() -> None:
    current = {
        "glibc": "2.36-9+deb12u10",
        "openssl": "3.0.16-1~deb12u1",
        "curl": "7.88.1-10+deb12u12",
        "libwebp": "1.2.4-0.2+deb12u1",
        "zlib": "1:1.2.13.dfsg-1",
        "systemd": "252.38-1~deb12u1",
    }
    assert AdvisoryDatabase().matches(package(it, current[it], "Debian:12") for it in current) == ()


@pytest.mark.parametrize(
    ("affected", "hit", "spared", "fix"),
    [
        (events(("introduced", "0"), ("fixed", "2")), ["0.1", "1.9"], ["2", "3"], "2"),
        (events(("introduced", "1"), ("last_affected", "2")), ["1", "2"], ["0.9", "2.0.1"], ""),
        (events(("introduced", "1")), ["1", "99"], ["0.9"], ""),
        (
            events(("fixed", "3.1"), ("introduced", "3"), ("introduced", "1"), ("fixed", "1.5")),
            ["3", "3.0.9"],
            ["0.1", "1.5", "2", "3.1"],
            "3.1",
        ),
        ({"versions": ["1.0", "odd-version"]}, ["1.0", "odd-version"], ["1.1"], ""),
        ({"versions": ["1.0"], **events(("introduced", "0"), ("fixed", "2"))}, ["1.0"], ["2"], "2"),
        ({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, [], ["1.0"], ""),
    ],
)
def test_ranges(
    tmp_path: Path, affected: dict[str, Any], hit: list[str], spared: list[str], fix: str
) -> None:
    known = database(tmp_path, osv(affected=affected))
    for version in hit:
        assert [it.fixed_version for it in known.matches([package("thing", version, "PyPI")])] == [fix], (
            version
        )
    for version in spared:
        assert known.matches([package("thing", version, "PyPI")]) == (), version


def test_a_distribution_is_matched_by_source_and_release(tmp_path: Path) -> None:
    affected = events(("introduced", "0"), ("fixed", "3.0.12-1"))
    known = database(tmp_path, osv(ecosystem="Debian:12", name="openssl", affected=affected))
    binaries = [
        package(name, "1:1.0", "Debian:12", source_name="openssl", source_version="3.0.11-1")
        for name in ("libssl3", "openssl")
    ]
    [match] = known.matches(binaries)
    assert (match.package.name, match.fixed_version) == ("libssl3", "3.0.12-1")
    elsewhere = package("libssl3", "1:1.0", "Debian:13", source_name="openssl", source_version="3.0.11-1")
    assert known.matches([elsewhere, package("openssl", "3.0.11-1", "PyPI")]) == ()


def test_an_ecosystem_without_a_release_is_all_releases(tmp_path: Path) -> None:
    known = database(tmp_path, osv(ecosystem="Debian", name="bash", affected=events(("introduced", "0"))))
    assert known.matches([package("bash", "5.2", "Debian:12")])


@pytest.mark.parametrize(
    ("identifier", "more", "name"),
    [
        ("CVE-2024-0001", {}, "CVE-2024-0001"),
        ("DEBIAN-CVE-2024-0001", {}, "CVE-2024-0001"),
        ("GHSA-1", {"aliases": ["PYSEC-1", "CVE-2024-0001"]}, "CVE-2024-0001"),
        ("X-1", {"upstream": ["CVE-2024-0001"]}, "CVE-2024-0001"),
        ("DSA-1", {"upstream": ["CVE-2024-0001", "CVE-2024-0002"]}, "DSA-1"),
    ],
)
def test_an_advisory_is_called_by_its_cve(identifier: str, more: dict[str, Any], name: str) -> None:
    advisory = parse_osv(json.dumps(osv(identifier, **more)).encode())
    assert advisory and advisory.name == name


@pytest.mark.parametrize(
    ("more", "severity", "score"),
    [
        ({"severity": [CRITICAL], "database_specific": {"severity": "LOW"}}, "CRITICAL", 9.8),
        ({"database_specific": {"severity": "MODERATE"}}, "MEDIUM", None),
        ({"severity": [LOW]}, "LOW", None),
        (
            {"severity": [CRITICAL], "affected": {"severity": [{"type": "Ubuntu", "score": "low"}]}},
            "LOW",
            None,
        ),
        ({"affected": {"ecosystem_specific": {"urgency": "unimportant"}}}, "INFORMATIONAL", None),
        ({}, "UNDEFINED", None),
    ],
)
def test_the_rating(tmp_path: Path, more: dict[str, Any], severity: str, score: float | None) -> None:
    more["affected"] = more.get("affected", {}) | events(("introduced", "0"))
    [match] = database(tmp_path, osv(**more)).matches([package("thing", "1", "PyPI")])
    assert (match.severity, match.score) == (severity, score)


def test_one_cve_of_two_databases_is_one_match_with_a_score(tmp_path: Path) -> None:
    affected = events(("introduced", "0"), ("fixed", "2"))
    without = osv("PYSEC-1", aliases=["CVE-2024-0001"], affected=affected)
    scored = osv("GHSA-1", aliases=["CVE-2024-0001"], affected=affected, severity=[CRITICAL])
    [match] = database(tmp_path, without, scored).matches([package("thing", "1", "PyPI")])
    assert (match.advisory.id, match.score) == ("GHSA-1", 9.8)


def test_a_later_directory_overrides_the_sample(tmp_path: Path) -> None:
    known = database(tmp_path, osv("CVE-2020-14343", name="PyYAML", withdrawn=None))
    assert known.matches([package("PyYAML", "5.3.1", "PyPI")]) == ()


def test_withdrawn_advisories_and_other_ecosystems_do_not_match(tmp_path: Path) -> None:
    affected = events(("introduced", "0"))
    withdrawn = osv("X-1", affected=affected, withdrawn="2024-02-01T00:00:00Z")
    npm = osv("X-2", ecosystem="npm", affected=events(("introduced", "not a Python version")))
    assert database(tmp_path, withdrawn, npm).matches([package("thing", "1", "PyPI")]) == ()


def test_every_mistake_of_every_file_is_reported_at_once(tmp_path: Path) -> None:
    documents = {
        "a.json": "{",
        "b.json": json.dumps({"modified": "yesterday", "affected": [{"package": {"name": "x"}}]}),
        "c.json": json.dumps(osv(affected=events(("introduced", "0"), ("fixed", "one")))),
        "sub/d.json": json.dumps(osv(severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}])),
        "e.json": json.dumps(osv(affected={"ranges": [{"type": "ECOSYSTEM", "events": [{"until": "1"}]}]})),
        "fine.json": json.dumps(osv()),
    }
    (tmp_path / "sub").mkdir()
    for name, content in documents.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(AdvisoriesError) as caught:
        AdvisoryDatabase((tmp_path, tmp_path / "nowhere")).load()
    assert isinstance(caught.value, SettingsError)
    report = "\n".join(caught.value.problems)
    for expected in (
        "a.json: Invalid JSON",
        "b.json: id: Field required",
        "b.json: modified:",
        "b.json: affected[0].package.ecosystem: Field required",
        "c.json: affected[0].ranges[0]: 'one' is not a valid Python version",
        "d.json: severity: Missing mandatory metrics",
        "e.json: affected[0].ranges[0].events[0]: ",
        "--advisories: there is no directory ",
    ):
        assert expected in report
    assert "fine.json" not in report


def test_null_is_an_absent_list() -> None:
    document = osv(affected=events(("introduced", "0")), aliases=None, severity=None, references=None)
    assert parse_osv(json.dumps(document).encode())
    with pytest.raises(OsvError):
        parse_osv(b"[]")


def test_a_thousand_are_found_by_name(tmp_path: Path) -> None:
    affected = events(("introduced", "0"), ("fixed", "2"))
    known = database(tmp_path, *(osv(f"X-{n}", name=f"p{n}", affected=affected) for n in range(1_000)))
    assert len(known.matches(package(f"p{n}", "1", "PyPI") for n in range(1_000))) == 1_000


def test_an_advisory_that_is_a_link_out_of_the_checkout_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkout" / "osv").mkdir(parents=True)
    (tmp_path / "host.json").write_text('{"canary": 1}')
    (tmp_path / "checkout" / "osv" / "x.json").symlink_to("../../host.json")
    monkeypatch.chdir(tmp_path / "checkout")
    with pytest.raises(AdvisoriesError, match="it leads outside the checkout by a symlink") as raised:
        AdvisoryDatabase((Path("osv"),)).load()
    assert "canary" not in str(raised.value)
