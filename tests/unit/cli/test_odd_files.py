"""Every file that we read, with odd contents, through the real command line: a cause and a code of its own.

Never an internal error, never a pass that the file does not say, never a flood. The usual run tries some
examples of each kind of file; `make test-odd-files` tries ten thousand, and prints what became of them.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import SettingsError
from ecr_push.builder.docker_environ import for_docker
from ecr_push.builder.user_docker import read_config, who_knows
from ecr_push.builder.user_podman import known_registries, unusable_logins, who_knows_for_podman
from ecr_push.cli import main as entry
from ecr_push.source import read as source_read
from tests.support.odd_files import odd
from tests.support.other_scanners import grype, grype_match, sarif, trivy, trivy_finding
from tests.support.paths import PACKAGE
from tests.support.source_code import tree

COMMIT = "4f1e2d3c4b5a" + "0" * 28
LONGEST_OUTPUT = 60_000  # characters, whatever is in a file


def _finding(number: int, severity: str) -> dict[str, object]:
    attributes = [{"key": "package_name", "value": f"lib{number}"}, {"key": "package_version", "value": "1"}]
    return {"name": f"CVE-2026-{number}", "severity": severity, "attributes": attributes}


BASIC = {
    "registryId": "123456789012",
    "repositoryName": "team/app",
    "imageId": {"imageDigest": f"sha256:{1:064}"},
    "imageScanStatus": {"status": "COMPLETE", "description": ""},
    "imageScanFindings": {
        "imageScanCompletedAt": "2026-11-01T00:00:00+00:00",
        "findings": [_finding(one, "CRITICAL") for one in range(4)],
        "findingSeverityCounts": {"CRITICAL": 4},
    },
}


def _enhanced(number: int) -> dict[str, object]:
    package = {"name": f"lib{number}", "version": "1", "packageManager": "OS", "filePath": "a/b"}
    return {
        "findingArn": f"arn:aws:inspector2:eu-west-1:123456789012:finding/{number:032}",
        "severity": "CRITICAL",
        "status": "ACTIVE",
        "type": "PACKAGE_VULNERABILITY",
        "title": f"CVE-2026-{number} - lib{number}",
        "fixAvailable": "NO",
        "packageVulnerabilityDetails": {
            "vulnerabilityId": f"CVE-2026-{number}",
            "vulnerablePackages": [package],
        },
        "resources": [
            {
                "id": f"arn:aws:ecr:eu-west-1:123456789012:repository/team/app/sha256:{1:064}",
                "type": "AWS_ECR_CONTAINER_IMAGE",
                "details": {
                    "awsEcrContainerImage": {
                        "repositoryName": "team/app",
                        "imageHash": f"sha256:{1:064}",
                        "architecture": "amd64",
                        "registry": "123456789012",
                    }
                },
            }
        ],
    }


ENHANCED = BASIC | {
    "imageScanStatus": {"status": "ACTIVE", "description": ""},
    "imageScanFindings": {
        "imageScanCompletedAt": "2026-11-01T00:00:00+00:00",
        "enhancedFindings": [_enhanced(one) for one in range(4)],
        "findingSeverityCounts": {"CRITICAL": 4},
    },
}
INSPECTOR = {"findings": [_enhanced(one) for one in range(4)]}
VEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://vex.example/1",
    "author": "team",
    "timestamp": "2026-11-01T00:00:00Z",
    "version": 1,
    "statements": [
        {
            "vulnerability": {"name": "CVE-1999-1", "aliases": ["GHSA-1"]},
            "products": [{"@id": "pkg:oci/app", "subcomponents": [{"@id": "pkg:deb/debian/none@1"}]}],
            "status": "not_affected",
            "justification": "component_not_present",
        }
    ],
}
EVENT = {
    "repository": {"full_name": "team/app", "default_branch": "main", "license": {"spdx_id": "MIT"}},
    "number": 7,
    "pull_request": {
        "number": 7,
        "base": {"ref": "main", "repo": {"full_name": "team/app"}},
        "head": {"ref": "x", "sha": COMMIT, "repo": {"full_name": "team/app"}},
    },
    "head_commit": {"id": COMMIT, "timestamp": "2026-11-01T00:00:00Z"},
    "commits": [{"id": COMMIT, "timestamp": "2026-11-01T00:00:00Z"}],
}
SETTINGS = b"""\
repository: team/app
region: eu-west-1
platform: [linux/amd64, linux/arm64]
label: {a: b}
build-arg:
  - A=1
tags: |
  type=semver,pattern={{version}}
  type=match,pattern=/v(.*)/,group=1
report: out.md
scan-timeout: 5m
policy:
  fail-on: high
  exceptions: &all
    - vulnerability: CVE-1999-1
      reason: "a"
      until: 2027-01-01
"""
POLICY = b"""\
fail-on: critical
max-findings: {critical: 0, high: 5}
max-epss: 0.5
exceptions:
  - vulnerability: CVE-1999-1
    package: none
    versions: ">=1.0, <2"
    path: usr/**/x/*.jar
    reason: not reachable
    owner: team
    until: 2027-01-01
always-refuse:
  - package: left-pad
locked: [fail-on]
"""
JENKINS = {"JENKINS_URL": "https://ci.example/", "GIT_COMMIT": COMMIT, "BRANCH_NAME": "main"}


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name, a valid content, the command that reads it, and the codes that may be.

    beside: other files of the folder. environ: besides the usual.
    """

    name: str
    content: bytes
    argv: tuple[str, ...]
    codes: frozenset[int]
    beside: Mapping[str, bytes]
    environ: Mapping[str, str]


def kind(
    name: str,
    content: object,
    line: str,
    codes: set[int],
    beside: Mapping[str, bytes] | None = None,
    **environ: str,
) -> Kind:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Kind(name, text, tuple(line.split()), frozenset(codes), beside or {}, environ)


def version_file(name: str, content: bytes) -> Kind:
    return kind(name, content, f"tags --version-file {name}", {0, 2}, **JENKINS)


TRIVY = trivy(*(trivy_finding(f"CVE-2026-{one}", "CRITICAL") for one in range(4)), digest=f"sha256:{1:064}")
GRYPE = grype(*(grype_match(f"CVE-2026-{one}", "Critical") for one in range(4)))
SARIF = sarif(*({"ruleId": f"CVE-2026-{one}", "level": "error"} for one in range(4)))
SAVED = json.dumps(BASIC).encode()
MODULE = (
    b"<project><parent><artifactId>p</artifactId><version>${r}</version>"
    b"<relativePath>parent.xml</relativePath></parent></project>"
)
# A finding is critical in four entries and in the counts: no single change makes a pass of it.
KINDS = (
    kind("basic.json", BASIC, "gate basic.json", {2, 5, 10}),
    kind("enhanced.json", ENHANCED, "gate enhanced.json", {2, 5, 10}),
    kind("inspector.json", INSPECTOR, "gate inspector.json", {2, 5, 10}),
    kind("result.json", b"made in the test", "gate result.json", {2, 5, 10}),
    kind("trivy.json", TRIVY, "gate trivy.json", {2, 5, 10}),
    # Their lists may be empty, which says that nothing was found.
    kind("grype.json", GRYPE, "gate grype.json", {0, 2, 5, 10}),
    kind("scan.sarif", SARIF, "gate scan.sarif", {0, 2, 5, 10}),
    kind("other.json", TRIVY, "gate saved.json --verdict-from other.json", {5, 10}, {"saved.json": SAVED}),
    kind("ecr-push.yml", SETTINGS, "policy show", {0, 2}),
    kind("policy.yml", POLICY, "gate saved.json --policy policy.yml", {0, 2, 5, 10}, {"saved.json": SAVED}),
    kind(
        "vex.json",
        VEX,
        "gate saved.json --policy p.yml",
        {2, 10},
        {"saved.json": SAVED, "p.yml": b"vex: vex.json"},
    ),
    version_file(
        "pyproject.toml", b'[project]\nname = "a"\nversion = "1.2.3"\n[tool.poetry]\nversion = "1"\n'
    ),
    version_file("package.json", b'{"name": "a", "version": "1.2.3", "scripts": {"a": "b"}, "files": ["a"]}'),
    version_file(
        "Cargo.toml",
        b'[package]\nname = "a"\nversion.workspace = true\n[workspace.package]\nversion = "1.2.3"\n',
    ),
    version_file("VERSION", b"1.2.3\n"),
    version_file("Chart.yaml", b'apiVersion: v2\nname: a\nappVersion: "1.2.3"\nversion: 0.1.0\n'),
    version_file(
        "pom.xml",
        b"<project><parent><version>1</version></parent><properties><r>1.2.3</r></properties>"
        b"<version>${r}-SNAPSHOT</version></project>",
    ),
    kind(
        "parent.xml",
        b"<project><artifactId>p</artifactId><properties><r>1.2.3</r></properties></project>",
        "tags --version-file pom.xml",
        {0, 2},
        {"pom.xml": MODULE},
        **JENKINS,
    ),
    kind(
        ".mvn/maven.config",
        b"-T1C\n-Dr=1.2.3\n'-Dother=a b'\n",
        "tags --version-file pom.xml",
        {0, 2},
        {"pom.xml": MODULE},
        **JENKINS,
    ),
    kind(
        "about.py",
        b'"""About."""\n\n__version__: str = "1.2.3"  # a release\n',
        "tags --version-file pyproject.toml",
        {0, 2},
        {"pyproject.toml": b"project.dynamic = ['version']\ntool.hatch.version.path = 'about.py'\n"},
        **JENKINS,
    ),
    kind(
        "event.json",
        EVENT,
        "tags",
        {0, 2},
        GITHUB_ACTIONS="true",
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_EVENT_PATH="event.json",
        GITHUB_REF="refs/pull/7/merge",
        GITHUB_SHA=COMMIT,
        GITHUB_REPOSITORY="team/app",
    ),
)
BY_NAME = {one.name: one for one in KINDS}
SEEN: Counter[tuple[str, int]] = Counter()


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@pytest.fixture(scope="module", autouse=True)
def _folder() -> Iterator[None]:
    """A working directory for all examples of this module, in which git is never asked."""
    before = Path.cwd()
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(source_read, "find_checkout", lambda *arguments, **more: None),
    ):
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


@pytest.fixture(scope="module", autouse=True)
def _counts() -> Iterator[None]:
    yield
    total = sum(SEEN.values())
    sys.stderr.write(f"\n{total} odd files: how many ended with which code\n")
    for one in KINDS:
        codes = {code: number for (name, code), number in sorted(SEEN.items()) if name == one.name}
        if codes:
            sys.stderr.write(f"  {one.name:<16} {sum(codes.values()):>6}  {codes}\n")


def run(one: Kind, content: bytes) -> Ended:
    for path in Path.cwd().iterdir():
        if path.is_file():
            path.unlink()
    shutil.rmtree(".mvn", ignore_errors=True)
    for name, text in {**one.beside, one.name: content}.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(text)
    out, err = io.StringIO(), io.StringIO()
    environ = {"HOME": "/nowhere", "PATH": "", **one.environ}
    with (
        mock.patch.object(entry.os, "environ", environ),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = entry.main(one.argv)
    SEEN[one.name, code] += 1
    return Ended(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module", autouse=True)
def _result(_folder: None) -> None:
    """A result document is what a gate writes."""
    saved = BY_NAME["basic.json"]
    made = kind("basic.json", saved.content, "gate basic.json --result own.json", {10})
    assert run(made, saved.content).code == 10
    own = BY_NAME["result.json"]
    BY_NAME["result.json"] = Kind(own.name, Path("own.json").read_bytes(), own.argv, own.codes, {}, {})


@pytest.mark.parametrize("name", BY_NAME)
def test_the_file_as_it_should_be_is_read(name: str) -> None:
    """Else the odd ones would show nothing."""
    one = BY_NAME[name]
    assert run(one, one.content).code == (10 if "gate" in one.argv else 0)


@pytest.mark.parametrize("name", BY_NAME)
@given(data=st.data())
def test_an_odd_file_has_a_code_of_its_own(name: str, data: st.DataObject) -> None:
    one = BY_NAME[name]
    ended = run(one, data.draw(odd(one.content)))
    printed = ended.out + ended.err
    assert ended.code in one.codes, printed
    assert "internal error" not in printed and "Traceback" not in printed
    assert len(printed) < LONGEST_OUTPUT
    assert ended.code == 0 or ended.err.strip()


# ------------------------------------------------------------------------- that no reader is left out

# Each module that reads or parses a file, and the kinds above that reach it, or what else tries it.
READERS = {
    "ci/detect.py": "event.json",
    "ci/github.py": "event.json",
    "cli/commands/gate.py": "basic.json enhanced.json inspector.json result.json",
    "pipeline/other_verdicts.py": "other.json",
    "policy/files.py": "policy.yml",
    "policy/vex_read.py": "vex.json",
    "report/saved_findings.py": "basic.json enhanced.json inspector.json result.json trivy.json grype.json "
    "scan.sarif",
    "scan/others/read.py": "other.json",
    "settings/file.py": "ecr-push.yml",
    "versions/files/content.py": "pyproject.toml package.json Cargo.toml VERSION Chart.yaml pom.xml",
    "versions/files/maven.py": "pom.xml parent.xml",
    "versions/files/maven_parents.py": "pom.xml parent.xml .mvn/maven.config",
    "versions/files/python_dynamic.py": "about.py",
    "versions/files/read.py": "pyproject.toml package.json Cargo.toml VERSION Chart.yaml pom.xml",
}
ELSEWHERE = {
    "cli/images/child.py": "the result document of a run of ours",
    "settings/images/handed_over.py": "test_any_text_has_an_answer in tests/unit/settings/images",
    "builder/buildkit_checks.py": "whether a secret's file can be read; what is in it is for BuildKit",
    "builder/buildx_metadata.py": "what buildx has written in a folder of ours",
    "builder/docker_config.py": "what this run has written itself",
    "builder/docker_engine.py": "Dockerfile and .dockerignore, which go to the engine as they are",
    "builder/podman.py": "what podman has written in a folder of ours",
    "builder/docker_environ.py": "test_odd_docker_files",
    "builder/context_problems.py": "whether there is a Dockerfile; what is in it is for BuildKit",
    "builder/interface.py": "which labels and arguments a Dockerfile names; the rest is for BuildKit",
    "builder/secret_args.py": "a secret's lines, which the log hides; test_buildkit_inputs.py",
    "builder/engine_facts.py": "an answer of docker's: tests/unit/builder/test_engine_facts.py",
    "builder/plain_http.py": "an answer of docker's: tests/unit/builder/test_plain_http.py",
    "builder/user_docker.py": "test_odd_docker_files, with the files of podman",
    "ci/github_oidc.py": "an answer of GitHub's: tests/unit/ci/test_github_oidc.py",
    "cli/new_files.py": "compared, not parsed: tests/unit/cli/commands/test_init.py",
    "delivery/moving/fresh/own_settings.py": "test_any_settings_have_an_answer in tests/unit/delivery/moving",
    "cli/commands/init.py": "test_any_text_has_an_answer in tests/unit/delivery/moving/test_kinds.py",
    "cli/commands/render.py": "test_any_text_has_an_answer in tests/unit/delivery/test_render.py",
    "delivery/read.py": "test_any_text_has_an_answer in tests/unit/delivery/test_render.py",
    "delivery/services/definitions.py": "test_any_text_has_an_answer in tests/unit/delivery/services",
    "upkeep/lifecycle/read.py": "test_any_text_has_an_answer in tests/unit/upkeep/lifecycle/test_read.py",
    "pipeline/try_access.py": "policies of IAM: test_any_file_has_an_answer in test_repository_may.py",
    "pipeline/doctor/quotas.py": "a lifecycle policy that ECR has",
    "pipeline/count_costs.py": "a lifecycle policy, as of upkeep/lifecycle/read.py",
    "pipeline/try_lifecycle.py": "searched, not parsed: tests/integration/test_lifecycle.py",
    "upkeep/file.py": "test_any_text_has_an_answer in tests/unit/upkeep/test_read.py",
    "upkeep/read_settings.py": "the same",
    "upkeep/registry/sections/policy.py": "test_any_text_has_an_answer in tests/unit/upkeep/registry",
    "upkeep/compare.py": "policies as ECR answers them: tests/unit/upkeep/test_compare.py",
    "registry/aws/answer_check.py": "answers of AWS: tests/unit/registry",
    "registry/aws/sdk_data.py": "the SDK's own models, and those that the AWS configuration names",
    "registry/distribution.py": "answers of the registry: tests/unit/registry",
    "pipeline/parts.py": "lines that name an image: tests/unit/pipeline/test_parts.py",
    "pipeline/attest_sbom.py": "an SBOM: tests/unit/pipeline/test_attest_sbom.py",
    "builder/registry_login.py": "what a credential helper prints: tests/unit/builder/test_registry_login.py",
    "registry/copy/platforms.py": "answers of the registry, which `registry/oci.py` has read",
    "registry/fallback_tag.py": "the same",
    "registry/other/source.py": "answers of a registry: tests/unit/registry/other",
    "registry/other/tokens.py": "the same",
    "registry/joined_index.py": "answers of the registry, which `registry/oci.py` has read",
    "registry/oci_layout.py": "broken and hostile layouts: tests/unit/registry/test_layout_files.py",
    "registry/layout_files.py": "the same",
    "registry/oci.py": "answers of the registry: tests/unit/registry",
    "registry/trail.py": "events of CloudTrail: tests/unit/registry/test_trail.py",
    "registry/scan_events.py": "messages of a queue: tests/unit/registry",
    "signing/cosign.py": "what cosign prints, and bundles: tests/unit/signing/test_cosign.py",
    "signing/cosign_session.py": "a statement of ours",
    "signing/find_cosign.py": "a key and Sigstore's documents, which the caller names: tests/unit/signing",
    "signing/identity.py": "claims of a token: tests/unit/signing/test_identity.py",
    "signing/statements.py": "statements in the registry: tests/unit/signing/test_statements.py",
    "signing/services.py": "tests/unit/signing/test_services.py",
}
_READING = {
    "read_json",
    "read_toml",
    "read_yaml",
    "read_bytes",
    "read_text",
    "loads",
    "ParserCreate",
    "open_file",
}


def _reads(path: Path) -> bool:
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _READING
        for node in ast.walk(tree(path))
    )


def test_whatever_reads_a_file_is_tried_with_odd_ones() -> None:
    outside = {"base", "sandbox"}  # the doors themselves; the sandbox has its own tests
    found = {
        name.as_posix()
        for path in PACKAGE.rglob("*.py")
        if (name := path.relative_to(PACKAGE)).parts[0] not in outside and _reads(path)
    }
    assert found == READERS.keys() | ELSEWHERE.keys()
    assert {one for kinds in READERS.values() for one in kinds.split()} == BY_NAME.keys()


DOCKER = {"auths": {"ghcr.io": {"auth": "YTpi"}}, "credHelpers": {"a.example": "x"}, "currentContext": "far"}
CONTEXT = {"Name": "far", "Endpoints": {"docker": {"Host": "ssh://far.example"}}}


FAR = {"Name": "mine", "Driver": "remote", "Nodes": [{"Endpoint": "ssh://h", "DriverOpts": {"cacert": "a"}}]}


@pytest.mark.parametrize("name", ["config.json", "meta.json", "current", "instance", "auth.json"])
@given(data=st.data())
def test_odd_docker_files(name: str, data: st.DataObject) -> None:
    """They are the user's own. What cannot be read is a mistake in the settings, or as if it were missing."""
    folder = Path(tempfile.mkdtemp(dir="."))
    contents = {
        "config.json": (folder / "config.json", DOCKER),
        "meta.json": (
            folder / "contexts" / "meta" / hashlib.sha256(b"far").hexdigest() / "meta.json",
            CONTEXT,
        ),
        "current": (folder / "buildx" / "current", {"Name": "mine"}),
        "instance": (folder / "buildx" / "instances" / "mine", FAR),
        "auth.json": (folder / "containers" / "auth.json", DOCKER),
    }
    for one, (path, value) in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        valid = json.dumps(value).encode()
        path.write_bytes(data.draw(odd(valid)) if one == name else valid)
    try:
        with contextlib.suppress(SettingsError):
            config = read_config(folder)
            with contextlib.suppress(ValueError):
                who_knows("ghcr.io", config, {})
            podmans = {"XDG_CONFIG_HOME": str(folder)}
            known_registries(podmans, folder)
            tuple(unusable_logins(podmans, folder))
            with contextlib.suppress(ValueError):
                who_knows_for_podman("ghcr.io", podmans, folder)
        for_docker({"AWS_SECRET_ACCESS_KEY": "dummy", "HOME": "/"}, folder)
    finally:
        shutil.rmtree(folder)
