"""docker's forms of attestations: what each means, what is a mistake, and what docker is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.builder.attestations import Attestations, attest_of, attestations_of, provenance_of, sbom_of
from ecr_push.builder.buildx_environ import buildx_environ
from ecr_push.builder.buildx_output import push_output, refuses_artifacts
from ecr_push.builder.compression import Compression
from ecr_push.builder.plan import BuildPlan, fingerprint
from ecr_push.builder.secret_args import shown_secrets
from ecr_push.builder.user_docker import proxies_with_a_password
from tests.support.settings import problems
from tests.support.sources import source

MAX = {"mode": "max"}
SLSA, SPDX = "https://slsa.dev/provenance/v0.2", "https://spdx.dev/Document"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("off", None),
        ("false", None),
        ("False", None),  # of YAML
        ("min", {"mode": "min"}),
        ("max", MAX),
        ("true", MAX),  # as BuildKit has it without a mode
        ("mode=max,version=v1", {"mode": "max", "version": "v1"}),
        ("version=v1", {"mode": "max", "version": "v1"}),
        ("mode=min,builder-id=https://ci.example/1", {"mode": "min", "builder-id": "https://ci.example/1"}),
        ('mode=min,"builder-id=a,b"', {"mode": "min", "builder-id": "a,b"}),
    ],
)
def test_provenance(text: str, expected: dict[str, str] | None) -> None:
    assert provenance_of(text) == expected
    if "=" in text:
        assert attest_of(f"type=provenance,{text}") == ("provenance", expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("off", None),
        ("false", None),
        ("true", {}),
        ("generator=a/b:1,NOTE=x,extra=y", {"generator": "a/b:1", "NOTE": "x", "extra": "y"}),
    ],
)
def test_sbom(text: str, expected: dict[str, str] | None) -> None:
    assert sbom_of(text) == expected


def test_a_type_may_be_disabled() -> None:
    assert attest_of("type=sbom,disabled=true") == ("sbom", None)
    assert attest_of("sbom") == ("sbom", {})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("provenance", "full", "expected off, min, max, or docker's mode=max,version=v1"),
        ("provenance", "mode=full", "expected mode=min or mode=max"),
        ("provenance", "version=v2", "expected version=v0.2 or version=v1"),
        ("provenance", "reproducible=x", "expected reproducible=true or reproducible=false"),
        ("provenance", "mode=min,mod=x", "mod is not one of mode, version"),
        ("sbom", "a/b:1", "expected true, false, or generator=IMAGE"),
        ("sbom", "generator=", "expected true, false, or generator=IMAGE"),
        ("sbom", '"generator=a', "expected true, false, or generator=IMAGE"),
        ("attests", ("type=signature",), "expected type=provenance or type=sbom"),
        ("attests", ("type=sbom,disabled=x",), "expected type=provenance or type=sbom"),
    ],
)
def test_another_form_is_a_mistake(name: str, text: object, said: str, tmp_path: Path) -> None:
    (found,) = problems(tmp_path, flags={name: text})
    assert said in found


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"sbom": "true", "image": "a:1"}, "--sbom: has no effect with --image: BuildKit attests"),
        ({"provenance": "max", "parts": ("a", "b")}, "--provenance: has no effect with --part: give it to"),
        ({"attests": ("type=sbom",), "image": "a:1"}, "--attest: has no effect with --image"),
        ({"attests": ("type=sbom", "type=sbom")}, "--attest: type=sbom is given more than once"),
        ({"attests": ("type=provenance",), "provenance": "min"}, "--attest: type=provenance contradicts"),
        ({"oci_artifact": True}, "--oci-artifact: is for --provenance and --sbom"),
        ({"oci_artifact": True, "sbom": "true"}, ""),
        ({"provenance": "off", "image": "a:1"}, ""),
    ],
)
def test_what_does_not_go_together(flags: dict[str, object], said: str, tmp_path: Path) -> None:
    found = problems(tmp_path, flags=flags)
    assert len(found) == bool(said)
    assert said in "".join(found)


@pytest.mark.parametrize(
    ("attestations", "flags", "bake", "output"),
    [
        (
            Attestations(),
            ("--provenance=false", "--sbom=false"),
            ("type=provenance,disabled=true", "type=sbom,disabled=true"),
            "",
        ),
        (
            attestations_of("max", "off"),
            ("--provenance=mode=max", "--sbom=false"),
            ("type=provenance,mode=max", "type=sbom,disabled=true"),
            ",oci-artifact=false",
        ),
        (
            attestations_of("off", "true", oci_artifact=True),
            ("--provenance=false", "--sbom=true"),
            ("type=provenance,disabled=true", "type=sbom"),
            ",oci-artifact=true",
        ),
        (
            attestations_of("off", "off", ["type=provenance,version=v1", "type=sbom,generator=a/b:1"]),
            ("--provenance=mode=max,version=v1", "--sbom=generator=a/b:1"),
            ("type=provenance,mode=max,version=v1", "type=sbom,generator=a/b:1"),
            ",oci-artifact=false",
        ),
    ],
)
def test_what_docker_is_asked_for(
    attestations: Attestations, flags: tuple[str, ...], bake: tuple[str, ...], output: str
) -> None:
    assert (attestations.flags(), attestations.bake(), attestations.output()) == (flags, bake, output)
    found = push_output("0.29.1", Compression(), attestations)
    assert found == f"type=image,oci-mediatypes=true{output},store=false"


def test_they_decide_on_the_image_and_their_builder_does_not() -> None:
    def made(attestations: Attestations) -> str:
        return fingerprint(BuildPlan(Path("app"), Path("app/f"), attestations=attestations), source())

    least = attestations_of("min", "off")
    assert made(Attestations()) == made(Attestations(oci_artifact=True))
    several = [Attestations(), least, attestations_of("max", "off"), attestations_of("min", "true")]
    assert len({*map(made, several), made(replace(least, oci_artifact=True))}) == 5
    assert made(least.built_by("https://ci.example/1")) == made(least)
    assert least.built_by("") == least
    assert "mode=min,builder-id=x" in str(least.built_by("x").built_by("y"))
    assert not Attestations().built_by("x")


@pytest.mark.parametrize(
    ("provenance", "sbom", "predicates", "missing"),
    [
        ("min", "off", [SLSA], []),
        ("min", "off", [], ["no provenance"]),
        ("version=v1", "off", [SLSA], ["provenance as v0.2, and not as v1"]),
        ("off", "true", [SPDX], []),
        ("off", "true", [SLSA], ["no SBOM"]),
        ("min", "true", [SPDX], ["no provenance"]),
    ],
)
def test_what_an_image_lacks(provenance: str, sbom: str, predicates: list[str], missing: list[str]) -> None:
    assert list(attestations_of(provenance, sbom).missing_in(predicates)) == missing


def test_git_is_asked_for_provenance_alone_and_runs_no_program_of_the_checkout() -> None:
    plan = BuildPlan(Path("app"), Path("app/f"))
    assert buildx_environ(plan, {})["BUILDX_GIT_INFO"] == "false"
    attested = replace(plan, attestations=attestations_of("min", "off"))
    given = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "/app"}
    found = buildx_environ(attested, {**given, "GIT_DIR": "/elsewhere"})
    assert "GIT_DIR" not in found
    assert (found["BUILDX_GIT_INFO"], found["GIT_CONFIG_COUNT"]) == ("true", "3")
    keys = [found[f"GIT_CONFIG_KEY_{number}"] for number in range(3)]
    assert keys == ["safe.directory", "core.fsmonitor", "safe.bareRepository"]


def test_arguments_that_provenance_must_not_show() -> None:
    args = (("NPM_TOKEN", "x"), ("A", "b"), ("HTTP_PROXY", "http://u:p@h"), ("PUBLIC_KEY", "x"))
    assert shown_secrets(BuildPlan(Path("a"), Path("f"), args)) == ("NPM_TOKEN", "HTTP_PROXY")
    proxies = {"default": {"httpProxy": "http://u:p@h", "noProxy": "a"}, "tcp://b": {"ftpProxy": "http://h"}}
    assert proxies_with_a_password({"proxies": proxies}) == ("httpProxy",)
    assert proxies_with_a_password({"proxies": ["odd"]}) == proxies_with_a_password({}) == ()


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        ("failed to push a:1: unexpected status from PUT request to https://h/v2/a/manifests/1: 405 M", True),
        ("failed to push a:1: unsupported: Invalid parameter at 'ImageManifest' failed to satisfy", True),
        (
            "failed to push a:1: unexpected status from PUT request to https://h/v2/a/manifests/1: 403 F",
            False,
        ),
        ("failed to push a:1: denied: no", False),
    ],
)
def test_a_registry_without_artifacts(error: str, refused: bool) -> None:
    assert refuses_artifacts(error) is refused
