from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft7Validator
from packageurl import PackageURL
from referencing import Registry, Resource

from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import Treatment, Verdict
from ecr_push.report import cyclonedx
from ecr_push.scan.findings import Finding, Package
from tests.support.hostile import HOSTILE, hostile
from tests.support.outcomes import AMD, ARM, OUTCOMES, PLATFORMS, REFUSED, judged, outcome, scan


@cache
def schema() -> Draft7Validator:
    """The official one, as the library carries it, with the two that it refers to."""
    folder = files("cyclonedx.schema") / "_res"
    read = {
        name: json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text(encoding="utf-8"))
        for name in ("bom-1.6", "spdx", "jsf-0.82")
    }
    registry: Registry[Any] = Registry().with_resources(
        [(one["$id"], Resource.from_contents(one)) for one in read.values()]
    )
    return Draft7Validator(read["bom-1.6"], registry=registry)


def read(found: Outcome) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(cyclonedx.render(found))
    schema().validate(made)
    refs = [one["bom-ref"] for one in (*made["components"], *made["vulnerabilities"])]
    refs.append(made["metadata"]["component"]["bom-ref"])
    assert len(set(refs)) == len(refs)
    for one in made["vulnerabilities"]:
        assert {place["ref"] for place in one["affects"]} <= set(refs)
    return made


@pytest.mark.parametrize("ending", OUTCOMES)
def test_every_document_is_valid(ending: str) -> None:
    read(OUTCOMES[ending])


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_leaves_it_valid(kind: str) -> None:
    read(hostile(HOSTILE[kind]))


def test_an_exception_is_a_risk_that_is_borne_not_one_that_is_none() -> None:
    states = {one["id"]: one["analysis"]["state"] for one in read(REFUSED)["vulnerabilities"]}
    assert states["CVE-2021-44228"] == "exploitable"
    assert {state for name, state in states.items() if name != "CVE-2021-44228"} == {"in_triage"}


def test_only_a_vex_document_says_not_affected_and_only_where_it_does() -> None:
    entries = [one for one in read(PLATFORMS)["vulnerabilities"] if one["id"] == "CVE-2021-44228"]
    found = {
        next(p["value"] for p in one["properties"] if p["name"] == "ecr-push:platforms"): (
            one["analysis"]["state"],
            one["affects"][0]["versions"][0]["status"],
        )
        for one in entries
    }
    assert found == {AMD: ("not_affected", "unaffected"), ARM: ("exploitable", "affected")}


@pytest.mark.parametrize(
    ("manager", "name", "version", "purl"),
    [
        ("PYTHONPKG", "PyYAML_ext", "5.3.1", "pkg:pypi/pyyaml-ext@5.3.1"),
        ("NODEPKG", "@babel/core", "7.0.0", "pkg:npm/%40babel/core@7.0.0"),
        ("JAR", "org.acme.tools:log-core", "2.14.1", "pkg:maven/org.acme.tools/log-core@2.14.1"),
        ("GOBINARY", "github.com/Acme/tool", "v1.2.3", "pkg:golang/github.com/acme/tool@v1.2.3"),
        ("GEMSPEC", "rails", "", "pkg:gem/rails"),
        ("COMPOSER", "monolog/monolog", "2.0+x", "pkg:composer/monolog/monolog@2.0%2Bx"),
        ("OS", "openssl", "3.0.9", None),
        ("", "openssl", "3.0.9", None),
        ("SOMETHING_NEW", "a", "1", None),
        ("NPM", "", "1", None),
    ],
)  # fmt: skip
def test_a_package_url_where_the_manager_tells_one(
    manager: str, name: str, version: str, purl: str | None
) -> None:
    finding = Finding("CVE-1", Severity.LOW, name, packages=(Package(name, version, manager=manager),))
    made = read(outcome(Verdict(True, (), judged=(judged(finding, Treatment.BELOW),)), scan(finding)))
    [component] = made["components"]
    assert component.get("purl") == purl
    if purl:
        assert PackageURL.from_string(purl).to_string() == purl


def test_the_image_is_named_by_its_digest() -> None:
    image = read(REFUSED)["metadata"]["component"]
    parsed = PackageURL.from_string(image["purl"])
    assert (parsed.type, parsed.name) == ("oci", "app")
    assert parsed.version == image["version"] == str(REFUSED.pushed.digest)  # type: ignore[union-attr]
    assert str(dict(parsed.qualifiers)["repository_url"]).endswith("/team/app")


def test_the_serial_number_follows_from_the_outcome() -> None:
    first, again, other = read(REFUSED), read(REFUSED), read(PLATFORMS)
    assert first["serialNumber"] == again["serialNumber"] != other["serialNumber"]
