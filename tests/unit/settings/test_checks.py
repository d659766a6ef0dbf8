from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.settings.load import load
from ecr_push.settings.sources import read_sources
from tests.support.settings import loaded, problems


def test_an_invalid_repository_is_not_also_missing(tmp_path: Path) -> None:
    found = problems(tmp_path, flags={"repository": "Team/App", "image": "x:1", "target": "y"})
    assert [one.split(":")[0] for one in found] == ["--repository", "--target"]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (
            {"version": "1.4.2", "version_file": "VERSION"},
            "--version-file: has no effect with --version 1.4.2",
        ),
        ({"version": "1.4.2", "version_strategy": "file"}, "--version: contradicts --version-strategy file"),
        (
            {"version_file": "V", "version_strategy": "tag"},
            "--version-file: contradicts --version-strategy tag",
        ),
        ({"version_strategy": "explicit"}, "--version: is required"),
        ({"version": "1.4"}, "--version: '1.4' is not a version of the scheme semver"),
        ({"version": "1.4.2-rc1+x", "version_scheme": "pep440"}, ""),
        ({"version": "1.4", "version_scheme": "two-part"}, ""),
        ({"version_scheme": "YYYY.QQ"}, "not a valid calendar pattern"),
        ({"version_scheme": "semvr"}, "did you mean 'semver'?"),
        ({"commit_scopes": ("api",)}, "--commit-scope: is for --version-strategy conventional"),
        ({"git_tag": True, "version_strategy": "tag"}, "--git-tag: has no effect"),
        ({"flavor": ("latest=false",)}, "--flavor: changes the rules of --tags"),
        ({"flavor": ("latest=false",), "naming": "metadata-action"}, ""),
        ({"labels": ("no value",)}, "expected KEY=VALUE"),
        ({"labels": ("x={{nope}}",)}, "there is no expression 'nope' here"),
        ({"labels": ("x={{sha",)}, "--label"),
        ({"image": "app:1", "labels": ("x=y",)}, "--label: has no effect with --image"),
        ({"image": "app:1", "cache": "ecr"}, "--cache: has no effect with --image, which builds nothing"),
        (
            {"image": "app:1", "builder": "big"},
            "--builder: has no effect with --image, which builds nothing: ",
        ),
        ({"parts": ("a", "b"), "cache": "gha"}, "--cache: has no effect with --part"),
        ({"cache_repository": "team/c"}, "--cache-repository: is for --cache ecr"),
        ({"cache_repository": "team/c", "cache": "gha"}, "--cache-repository: is for --cache ecr"),
        ({"cache_repository": "team/app", "cache": "ecr"}, "--cache-repository: is the image's own"),
        ({"cache": "ecr", "cache_repository": "team/c"}, ""),
        ({"cache": "ecr", "repository": "public.ecr.aws/acme/app"}, "--cache: ecr would publish"),
        ({"cache": "gha", "repository": "public.ecr.aws/acme/app"}, ""),
        ({"context": "https://u:hunter2@git.example/o/app.git?t=hunter2#main"}, "no credentials in an"),
        ({"context": "https://git.example/o/app.tgz"}, "whose address ends in .git"),
        ({"context": "git@git.example:o/app.git"}, ""),
        ({"context": "-"}, "is standard input, expected a directory"),
        ({"context": "./github.com"}, ""),
        ({"channels": ("next=rc", "bad")}, "--channel: 'bad' is not a valid channel"),
    ],
)
def test_options_of_versions_and_names_that_contradict_each_other(
    tmp_path: Path, flags: dict[str, object], expected: str
) -> None:
    if expected:
        found = "\n".join(problems(tmp_path, flags=flags))
        assert expected in found and "hunter2" not in found
    else:
        loaded(tmp_path, flags=flags)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"tag_rules": ("type=semvr",), "flavor": ("latest=true",)}, "--tags"),
        ({"version_strategy": "conventionl", "commit_scopes": ("api",)}, "--version-strategy"),
        ({"version_scheme": "two-parts", "version": "1.4"}, "--version-scheme"),
        ({"create_repository": "perhaps", "kms_key": "alias/x"}, "--create-repository"),
        ({"sandbox": "perhaps", "advisories": ("x",)}, "--sandbox"),
    ],
)
def test_an_invalid_option_is_not_reported_as_missing(
    tmp_path: Path, flags: dict[str, object], expected: str
) -> None:
    (problem,) = problems(tmp_path, flags=flags)
    assert problem.startswith(f"{expected}: ")


def test_a_mistake_hides_no_contradiction_of_others(tmp_path: Path) -> None:
    flags = {"image": "app:1", "build_args": ("1=",), "labels": ("x=y",), "version": "1.4.2",
             "version_file": "V", "version_strategy": "fil"}  # fmt: skip
    assert [problem.partition(":")[0] for problem in problems(tmp_path, flags=flags)] == [
        "--build-arg", "--version-strategy", "--label", "--version-file",
    ]  # fmt: skip


def test_report_paths_are_checked_before_the_build(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    found = problems(
        tmp_path,
        flags={
            "result": f"{tmp_path}/r.json",
            "reports": (f"{tmp_path}/gone/r.md", f"{tmp_path}/folder.md", f"json={tmp_path}/r.json"),
        },
    )
    assert found == (
        f"--report: there is no directory {tmp_path}/gone",
        f"--report: {tmp_path}/folder.md is a directory",
        f"--report: {tmp_path}/r.json is already written by --result",
    )


def test_no_symlink_of_the_checkout_leads_a_report_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    for folder in (checkout, home, checkout / "inside"):
        folder.mkdir()
    (checkout / "report.html").symlink_to(home / ".profile")
    (checkout / "out").symlink_to(home)
    (checkout / "within").symlink_to(checkout / "inside")
    monkeypatch.chdir(checkout)
    flags = {"result": f"{checkout}/out/x.json", "reports": ["report.html", "within/x.md", f"{home}/x.sarif"]}
    for context in (".", str(checkout)):
        led, do = (
            "it leads outside the checkout by a symlink",
            "name the file itself, or put it where the link is",
        )
        assert problems(tmp_path, flags={**flags, "context": context}) == (
            f"--result: {checkout}/out/x.json: {led}, {checkout}/out -> {home}: {do}",
            f"--report: report.html: {led}, {checkout}/report.html -> {home}/.profile: {do}",
        )


URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/bc"
ROLE = "arn:aws:iam::123456789012:role/x"
PUBLIC = "public.ecr.aws/a/bc"


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"repository": None}, "--repository: is required"),
        ({"image": "x:1", "target": "y"}, "--target: has no effect with --image"),
        ({"kms_key": "alias/x"}, "--kms-key: is fixed when a repository is created"),
        ({"sandbox": True, "profile": "x"}, "--profile: has no effect with --sandbox"),
        ({"sandbox": True, "repository": URI}, "--repository: with --sandbox give the name alone"),
        ({"sandbox": True, "scan_events_queue": "scans"}, "--scan-events-queue: has no effect"),
        ({"sandbox": True, "wait_replication": True}, "--wait-replication: has no effect with --sandbox"),
        ({"sandbox": True, "advisories": ("/gone",)}, "--advisories: there is no directory /gone"),
        ({"advisories": ("x",)}, "--advisories: is for the sandbox"),
        ({"role_to_assume": ROLE, "profile": "x"}, "--profile: has no effect with"),
        ({"repository": PUBLIC, "registry_id": "123456789012"}, "--registry-id: ECR Public has no"),
        ({"repository": PUBLIC, "kms_key": "x", "create_repository": True}, "ECR Public has no KMS"),
        ({"repository": PUBLIC, "wait_replication": True}, "ECR Public replicates by itself"),
        ({"repository": URI, "region": "eu-west-2"}, "--region: eu-west-2 contradicts --repository"),
        ({"repository": URI, "registry_id": "210987654321"}, "--registry-id: 210987654321 contradicts"),
        ({"to": ("region=eu-west-2,kms-key=x",)}, "repository (region eu-west-2): kms-key is fixed"),
        ({"version": "1.1"}, "of the scheme semver: 1.1.0, or --version-scheme two-part"),
        ({"version": "1.4.2.1"}, "--version: '1.4.2.1' is not a version of the scheme semver"),
        ({"version": "1.2", "version_scheme": "YYYY.0M.MICRO"}, "of the scheme YYYY.0M.MICRO"),
        ({"repository": "a.b", "reports": ("imagedefinitions.json",)}, "--container-name: is required"),
    ],
)  # fmt: skip
def test_what_does_not_go_together(tmp_path: Path, flags: dict[str, object], text: str) -> None:
    (problem,) = problems(tmp_path, flags=flags)
    assert text in problem


def test_a_version_in_a_variable_may_have_been_a_number(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, ECR_PUSH_VERSION="1.1")
    assert problem.startswith("ECR_PUSH_VERSION: '1.1' is not a version of the scheme semver: 1.1.0, or ")
    assert problem.endswith("; quote it in YAML, where 1.10 is the number 1.1")
    (problem,) = problems(tmp_path, file="version: 1.10")
    assert problem.endswith("line 1, version: '1.10' is not a version of the scheme semver: 1.10.0, or "
                            "--version-scheme two-part")  # fmt: skip


def test_an_ecr_push_yml_beside_dir_is_named_where_a_repository_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "service").mkdir()
    (tmp_path / "ecr-push.yml").write_text("repository: team/app\n")
    monkeypatch.chdir(tmp_path)
    (problem,) = problems(Path("service"), flags={"repository": None})
    assert problem.endswith("; ecr-push.yml is read in service, and not in the working directory")
    assert not problems(Path(), flags={"repository": None})


@pytest.mark.parametrize(
    ("command", "context", "hint"),
    [
        ("run", "help", "'help' is not a directory; its options: ecr-push help run"),
        ("run", "team/app", "'team/app' is not a directory: ecr-push run -r team/app"),
        ("run", "./Dockerfiles/", "'./Dockerfiles/' is not a directory"),
        ("rollback", "team/app", "'team/app' is not a directory"),
    ],
)
def test_what_is_not_a_directory_may_be_meant_as_the_repository(
    command: str, context: str, hint: str
) -> None:
    (problem,) = load(read_sources({"context": context}, {}), command).problems
    assert problem == f"--repository: is required; {hint}"
