"""The scan's answers, and what becomes of the release tags under each of them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(autouse=True)
def _repository(registry: Registry) -> None:
    registry.create()


@pytest.fixture
def vulnerable(project: GitRepository) -> GitRepository:
    """v1.4.2, with PyYAML 5.3.1 in it: one CRITICAL finding."""
    project.commit("Add PyYAML", images.VULNERABLE)
    project.git("tag", "--force", "v1.4.2")
    return project


def test_a_refused_image_moves_no_tag_and_stays_for_inspection(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry
) -> None:
    run = cli.run(vulnerable.root, "-r", REPOSITORY)
    assert run.code == 10
    assert run.stdout == ""
    assert registry.tags() == {run.document["candidate"]: run.document["image"]["digest"]}
    [finding] = run.document["verdict"]["deciding"]
    assert (finding["id"], finding["severity"]) == ("CVE-2020-14343", "CRITICAL")
    assert (finding["package"].lower(), finding["version"]) == ("pyyaml", "5.3.1")
    assert set(run.tags.values()) == {"pending"}
    for part in ("REFUSED", "CVE-2020-14343", "No release tag was moved", run.document["candidate"]):
        assert part in run.stderr


def test_what_the_report_says_releases_the_image_all_the_same(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """Pasted as it is: the exceptions into a file, the command into a shell."""
    report = tmp_path / "r.txt"
    refused = cli.run(vulnerable.root, "-r", REPOSITORY, "--attest-verdict", "--report", report)
    said = report.read_text()
    assert said in refused.stderr and "latest, 1, 1.4 do not exist." in said
    [block] = re.findall(r"^  exceptions:\n(?:    .*\n)+", said, re.MULTILINE)
    (tmp_path / "policy.yml").write_text(block)
    [command] = re.findall(r"^  (ecr-push promote .*)$", said, re.MULTILINE)
    assert shlex.split(command)[-3:] == ["--attest-verdict", "--policy", "policy.yml"]
    program = f"{shlex.quote(str(Path(cli.program[0]).parent))}:$PATH"
    shell = ["sh", "-c", f"PATH={program} {command}"]
    ended = subprocess.run(shell, cwd=tmp_path, env=cli.environ, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    digest = refused.document["image"]["digest"]
    assert {registry.tags()[name] for name in ("latest", "1", "1.4", "1.4.2")} == {digest}
    assert ended.stdout.strip().endswith(f"@{digest}")
    colours = cli.command("scan", f"{REPOSITORY}:latest", FORCE_COLOR="1")
    assert colours.code == 10 and "\x1b[1;31mREFUSED\x1b[0m" in colours.stderr
    assert "\x1b[1;35mCRITICAL\x1b[0m" in colours.stderr and "\x1b[1;36mscan" in colours.stderr
    assert "No release tag was moved" not in colours.stderr
    plain = cli.command("scan", f"{REPOSITORY}:latest", FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b" not in plain.stderr and "REFUSED" in plain.stderr


def test_an_observed_policy_releases_what_it_refuses_and_says_so(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry
) -> None:
    """Quiet as well: a gate that is open is never silent."""
    junit = vulnerable.root / "junit.xml"
    flags = ("--observe", "--progress", "quiet", "--report", str(junit))
    run = cli.run(vulnerable.root, "-r", REPOSITORY, *flags)
    assert run.code == 0, run.stderr
    document, digest = run.document, run.document["image"]["digest"]
    assert registry.tags()["latest"] == registry.tags()["1.4.2"] == digest
    assert run.stdout.strip() == document["image"]["reference"]
    assert (document["status"], document["exitCode"], document["candidate"]) == ("observed", 0, None)
    assert (document["verdict"]["accepted"], document["verdict"]["observe"]) == (False, True)
    assert [one["id"] for one in document["verdict"]["deciding"]] == ["CVE-2020-14343"]
    assert set(run.tags.values()) == {"moved"}
    for part in ("OBSERVED", "CVE-2020-14343", "The policy refuses this image.", "only observed"):
        assert part in run.stderr
    assert ElementTree.parse(junit).getroot().get("failures") == "0"
    enforced = cli.run(vulnerable.root, "-r", REPOSITORY)
    assert (enforced.code, enforced.document["status"]) == (10, "refused")


def test_a_scan_without_an_answer_is_not_observed_away(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry
) -> None:
    registry.play("scan: {statuses: [UNSUPPORTED_IMAGE]}")
    run = cli.run(vulnerable.root, "-r", REPOSITORY, "--observe")
    assert (run.code, run.document["status"]) == (5, "no-answer")
    assert registry.released() == {}


def test_a_refusal_leaves_the_tags_of_the_release_before(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    assert cli.run(project.root, "-r", REPOSITORY).code == 0
    before = registry.released()
    project.commit("Add PyYAML", images.VULNERABLE)
    project.tag("v1.5.0")
    assert cli.run(project.root, "-r", REPOSITORY).code == 10
    assert registry.released() == before


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--max-findings", "high=5"], 10),  # worse than the worst that is named: none is allowed
        (["--max-findings", "critical=1,high=0"], 0),
    ],
)
def test_thresholds(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry, flags: list[str], code: int
) -> None:
    run = cli.run(vulnerable.root, "-r", REPOSITORY, *flags)
    assert run.code == code, run.stderr
    assert ("latest" in registry.tags()) == (code == 0)


@pytest.mark.parametrize(
    ("scan", "parts"),
    [
        ("statuses: [PENDING: 60, COMPLETE]", ["gave no answer within 1 s", "PENDING", "--scan-timeout"]),
        ("statuses: [ScanNotFound: 60, COMPLETE]", ["gave no answer within 1 s", "no scan found"]),
        ("{statuses: [IN_PROGRESS, FAILED], description: it broke}", ["the scan failed", "it broke"]),
        ("statuses: [FINDINGS_UNAVAILABLE]", ["FINDINGS_UNAVAILABLE"]),
        ("statuses: [UNSUPPORTED_IMAGE]", ["cannot be scanned", "--unscannable warn"]),
        ("statuses: [SCAN_ELIGIBILITY_EXPIRED]", ["cannot be scanned", "--unscannable warn"]),
    ],
)
def test_no_scan_result_is_not_a_pass(
    cli: CommandLine, project: GitRepository, registry: Registry, scan: str, parts: list[str]
) -> None:
    registry.play(f"scan: {{{scan}}}" if not scan.startswith("{") else f"scan: {scan}")
    # An answer has to come before that ends, however slow this machine is.
    seconds = "1s" if parts[0].endswith("1 s") else "5m"
    run = cli.run(project.root, "-r", REPOSITORY, "--scan-timeout", seconds)
    assert run.code == 5, run.stderr
    assert run.document["failure"]["phase"] == "scan"
    assert run.stdout == ""
    assert set(registry.tags()) == {run.document["candidate"]}
    for text in parts:
        assert text in run.stderr


def test_the_wait_goes_on_until_the_findings_are_there(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry
) -> None:
    """ScanNotFound, PENDING and a COMPLETE that is still empty are all no answer."""
    registry.play("scan: {statuses: [ScanNotFound, PENDING, IN_PROGRESS: 0.5, COMPLETE], findings: late}")
    run = cli.run(vulnerable.root, "-r", REPOSITORY)
    assert run.code == 10, run.stderr
    assert registry.asked("DescribeImageScanFindings") >= 4


@pytest.mark.parametrize(("flags", "code"), [([], 5), (["--unscannable", "warn"], 0)])
def test_an_image_without_a_system_cannot_be_scanned(
    cli: CommandLine, project: GitRepository, registry: Registry, flags: list[str], code: int
) -> None:
    project.git("rm", "-r", "--quiet", "rootfs")
    project.commit("Only a program", images.NO_SYSTEM)
    project.tag("v1.5.0")
    run = cli.run(project.root, "-r", REPOSITORY, *flags)
    assert run.code == code, run.stderr
    assert "UnsupportedImageError" in run.stderr
    assert ("1.5.0" in registry.tags()) == (code == 0)
    if not code:
        [warning] = run.document["verdict"]["warnings"]
        assert "UnsupportedImageError" in warning


def test_without_scan_on_push_the_scan_is_ours_to_start(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create("team/manual", scan_on_push=False)
    run = cli.run(project.root, "-r", "team/manual")
    assert run.code == 0, run.stderr
    assert registry.asked("StartImageScan") == 1
    assert registry.scan_status(run.digest, "team/manual") == "COMPLETE"


def test_each_platform_is_scanned_and_one_bad_platform_refuses_all(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    project.git("rm", "-r", "--quiet", "rootfs")
    project.commit("Two platforms", images.ONE_BAD_PLATFORM)
    platforms = ("--platform", "linux/amd64,linux/arm64")
    run = cli.run(project.root, "-r", REPOSITORY, *platforms)
    assert run.code == 10, run.stderr
    counts = {one["platform"]: one["counts"]["CRITICAL"] for one in run.document["scan"]["platforms"]}
    assert counts == {"linux/amd64": 0, "linux/arm64": 1}
    [finding] = run.document["verdict"]["deciding"]
    assert finding["id"] == "CVE-2020-14343"
    assert "linux/arm64" in run.stderr
    assert set(registry.tags()) == {run.document["candidate"]}


def test_several_platforms_are_released_as_an_index(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    run = cli.run(project.root, "-r", REPOSITORY, "--platform", "linux/amd64", "--platform", "linux/arm64")
    assert run.code == 0, run.stderr
    manifest = registry.manifest(run.image)
    assert manifest["mediaType"] in (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
    # Nothing but the two: no attestations that would stand untagged in the repository.
    children = {
        f"{one['platform']['os']}/{one['platform']['architecture']}": one["digest"]
        for one in manifest["manifests"]
    }
    assert set(children) == {"linux/amd64", "linux/arm64"}
    assert [registry.scan_status(digest) for digest in children.values()] == ["COMPLETE", "COMPLETE"]
    assert {one["platform"]: one["digest"] for one in run.document["scan"]["platforms"]} == children
    assert set(registry.tags().values()) == {run.digest}


def test_one_platform_is_a_plain_image(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    """Lambda takes no index, and ECR would show the attestations as untagged images."""
    run = cli.run(project.root, "-r", REPOSITORY)
    assert "layers" in registry.manifest(run.image)
    [image] = registry.api().describe_images(repositoryName=REPOSITORY)["imageDetails"]
    assert image["imageDigest"] == run.digest


def test_a_refused_run_writes_every_report(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    names = ("r.md", "r.sarif", "r.xml", "r.json", "r.cdx.json", "r.txt")
    wanted = [word for name in names for word in ("--report", tmp_path / name)]
    run = cli.run(vulnerable.root, "-r", REPOSITORY, *wanted)
    assert run.code == 10, run.stderr
    text = {name: (tmp_path / name).read_text() for name in names}
    assert json.loads(text["r.json"]) == run.document
    assert text["r.md"].startswith(f"## ❌ Refused: `{REPOSITORY}`")
    for name in ("r.md", "r.xml", "r.txt"):
        assert "CVE-2020-14343" in text[name]
    [log] = json.loads(text["r.sarif"])["runs"]
    assert log["invocations"][0]["executionSuccessful"] is True
    assert log["invocations"][0]["exitCode"] == 10
    image = json.loads(text["r.cdx.json"])["metadata"]["component"]
    assert image["version"] == run.document["image"]["digest"]
    assert ElementTree.fromstring(text["r.xml"]).attrib["failures"] == "2"  # the rule, and what broke it
    assert run.document["run"]["startedAt"]


def test_a_failed_run_writes_reports_and_a_missing_folder_fails_early(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    registry.play("scan: {statuses: [FINDINGS_UNAVAILABLE]}")
    (tmp_path / "r.sarif").write_text("of an earlier run")
    wanted = [word for end in ("md", "xml", "sarif") for word in ("--report", tmp_path / f"r.{end}")]
    run = cli.run(project.root, "-r", REPOSITORY, *wanted)
    assert run.code == 5, run.stderr
    assert (tmp_path / "r.md").read_text().startswith(f"## ❔ No answer: `{REPOSITORY}` ")
    assert not (tmp_path / "r.sarif").exists()
    assert ElementTree.fromstring((tmp_path / "r.xml").read_text()).attrib["errors"] == "1"
    early = cli.run(
        project.root, "-r", REPOSITORY, "--report", tmp_path / "gone" / "r.md", "--fail-on", "hihg"
    )
    assert early.code == 2
    assert "there is no directory" in early.stderr and "did you mean 'high'?" in early.stderr
    assert "build" not in early.stderr


@pytest.mark.parametrize("mutability", ["MUTABLE", "IMMUTABLE"])
def test_two_jobs_of_one_run_keep_a_candidate_each(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry, mutability: str
) -> None:
    """Jobs and steps of one run have its id in common, and each may be for an image of its own."""
    registry.api().put_image_tag_mutability(repositoryName=REPOSITORY, imageTagMutability=mutability)
    run = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_RUN_ID": "77",
        "GITHUB_RUN_ATTEMPT": "1",
        "ECR_PUSH_CI_OUTPUT": "none",
    }
    kept = {}
    for image in ("api", "worker"):
        ended = cli.run(vulnerable.root, "-r", REPOSITORY, "--label", f"image={image}", **run)
        assert ended.code == 10, ended.stderr
        assert "-77-1-" in ended.document["candidate"]
        kept[ended.document["candidate"]] = ended.document["image"]["digest"]
    assert len(set(kept.values())) == 2
    assert registry.tags() == kept


def test_a_candidate_that_is_gone_is_not_reported(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry
) -> None:
    other = cli.run(vulnerable.root, "-r", REPOSITORY, "--label", "image=other").document
    registry.play("scan: {statuses: [PENDING]}")
    run = cli.start_run(vulnerable.root, "-r", REPOSITORY)
    run.until_printed("pushed ")
    api, [name] = registry.api(), [one for one in registry.tags() if one != other["candidate"]]
    digest = {"imageDigest": other["image"]["digest"]}
    [found] = api.batch_get_image(repositoryName=REPOSITORY, imageIds=[digest])["images"]
    api.put_image(repositoryName=REPOSITORY, imageManifest=found["imageManifest"], imageTag=name)
    registry.play("scan: {statuses: [FAILED]}")
    ended = run.end()
    assert ended.code == 5, ended.stderr
    assert ended.document["image"]["digest"] != other["image"]["digest"]
    assert ended.document["candidate"] is None
    assert "To inspect the image" not in ended.stderr
