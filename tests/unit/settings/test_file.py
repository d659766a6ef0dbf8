from __future__ import annotations

import os
from pathlib import Path

import pytest

from ecr_push.base.severity import Severity
from tests.support.settings import loaded, problems, value_of


@pytest.mark.parametrize(
    ("file", "field", "value"),
    [
        ("platform: [linux/amd64, linux/arm64]", "platforms", ("linux/amd64", "linux/arm64")),
        ("platform: linux/amd64, linux/arm64", "platforms", ("linux/amd64", "linux/arm64")),
        ("build-arg:\n  A: 1\n  B: x=y", "build_args", ("A=1", "B=x=y")),
        ("build-arg:\n  - A=1", "build_args", ("A=1",)),
        ("max-findings:\n  critical: 0\n  high: 5", "max_findings", {Severity.CRITICAL: 0, Severity.HIGH: 5}),
        ("fail-on: Medium", "fail_on", Severity.MEDIUM),
        ("scan-timeout: 90", "scan_timeout", 90.0),
        ("scan-timeout: 2.5m", "scan_timeout", 150.0),
        ("scan-max-age: 30d", "scan_max_age", 30 * 86_400.0),
        ("", "scan_max_age", 86_400.0),
        ("scan-events-queue: team-scans", "scan_events_queue", "team-scans"),
        (
            "scan-events-queue: https://sqs.eu-west-1.amazonaws.com/123456789012/team-scans/",
            "scan_events_queue",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/team-scans",
        ),
        ("create-repository: yes", "create_repository", True),
        ("", "scan_timeout", 900.0),
        ("# only a comment", "fail_on", None),
    ],
)
def test_values_in_the_file(tmp_path: Path, file: str, field: str, value: object) -> None:
    assert value_of(loaded(tmp_path, file=file), field) == value


def test_where_the_policy_is(tmp_path: Path) -> None:
    """In the file itself, beside it, or in S3; a flag's file is where the command runs."""
    assert loaded(tmp_path, file="policy:\n  fail-on: low\n").policy.policy == str(tmp_path / "ecr-push.yml")
    assert loaded(tmp_path, file="policy: ci/p.yml").policy.policy == str(tmp_path / "ci" / "p.yml")
    assert loaded(tmp_path, file="policy: s3://acme/p.yml").policy.policy == "s3://acme/p.yml"
    assert loaded(tmp_path, file="policy: a.yml", flags={"policy": "b.yml"}).policy.policy == "b.yml"


def test_a_file_of_another_ending_is_not_passed_over(tmp_path: Path) -> None:
    other = tmp_path / "ecr-push.yaml"
    other.write_text("repository: team/app\n")
    (problem,) = problems(tmp_path, flags={"repository": None})
    assert problem == f"there is an {other}, which is not read: rename it to ecr-push.yml"
    assert loaded(tmp_path, file="region: eu-west-1").registry.region == "eu-west-1"


@pytest.mark.parametrize(
    "file",
    [
        "tags: |\n  # comment\n  type=sha\n\n  stable\n",
        "tags:\n  - type=sha\n  - stable\n",
        "tags: type=sha\nflavor: latest=false\n",
    ],
)
def test_rules_are_one_text_or_a_list(tmp_path: Path, file: str) -> None:
    assert "sha" in {rule.type for rule in loaded(tmp_path, file=file).tags.tag_rules}


def test_a_rule_in_a_list_is_a_text(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, file="tags:\n  - type=sha\n  - type: raw\n")
    assert problem.endswith("line 1, tags: {'type': 'raw'}: expected a text, not a list or a map")


@pytest.mark.parametrize("name", ["label", "build-arg"])
def test_a_mapping_in_the_file_holds_texts(tmp_path: Path, name: str) -> None:
    (problem,) = problems(tmp_path, file=f"{name}:\n  a: [1, 2]\n  b: 1.10\n  c: {{d: e}}\n")
    assert problem.endswith(f"line 1, {name}: a, c: expected a text, not a list or a map")
    (problem,) = problems(tmp_path, file=f"{name}: [a=b, {{c: d}}]")
    assert problem.endswith(f"line 1, {name}: {{'c': 'd'}}: expected a text, not a list or a map")
    field = {"label": "labels", "build-arg": "build_args"}[name]
    assert value_of(loaded(tmp_path, file=f"{name}:\n  b: 1.10\n"), field) == ("b=1.10",)


@pytest.mark.parametrize(
    "path", ["/etc/profile", ".git/x.html", "../x.html", "a/../../x.html", "html=/x", "html=../x"]
)
@pytest.mark.parametrize("name", ["report", "result", "metrics"])
def test_reports_named_in_the_file_stay_below_the_working_directory(
    name: str, path: str, tmp_path: Path
) -> None:
    bare = path.removeprefix("html=")
    given = {"result": f"'{bare}'", "report": f"['{path}']", "metrics": f"[emf=-, 'emf={bare}']"}[name]
    [problem] = problems(tmp_path, file=f"{name}: {given}")
    assert f"ecr-push.yml, line 1, {name}: {bare} is not below the working" in problem
    assert f"use --{name} or ECR_PUSH_{name.upper()}" in problem


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("- a list", "ecr-push.yml: expected settings as 'name: value' lines"),
        ("a: [unclosed", "line 1, column 13: is not valid YAML: expected ',' or ']'"),
        ("a: 1\nb: c: d", "line 2, column 5: is not valid YAML: mapping values are not allowed here"),
        ("a:\n\t- b", "line 2, column 1: is not valid YAML: a tab: YAML is indented with spaces"),
        ("a: \x01", "ecr-push.yml: is not valid YAML: unacceptable character"),
        (
            "policy: &a {exceptions: *a}",
            "line 1, column 9: is not valid YAML: what an anchor names contains itself",
        ),
        ("policy:\n  ? [a, b]\n  : c", "line 2, column 5: is not valid YAML: a name is a text"),
        ("? [a, b]\n: c", "line 1, column 3: is not valid YAML: a name is a text"),
        ("label: {a: b, a: c}", "line 1, label: 'a' is there twice"),
        ("target: a\ntarget: b", "line 2: 'target' is already set in line 1"),
        ("platform: {a: b}", "line 1, platform: expected a list of values"),
        ("target: [a]", "line 1, target: expected a text"),
    ],
)
def test_mistakes_have_their_line(tmp_path: Path, file: str, text: str) -> None:
    (problem,) = problems(tmp_path, file=file)
    assert text in problem


@pytest.mark.parametrize("name", ["fail-on", "version", "repository", "annotate", "unscannable", "policy"])
def test_one_value_is_not_a_list(tmp_path: Path, name: str) -> None:
    found = problems(tmp_path, file=f"{name}: [high]\n", flags={"repository": None})
    assert found[0].endswith(f"line 1, {name}: expected a text, not a list")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("tags", "a text, not a map"), ("platform", "a list of values"), ("version", "a text, not a map")],
)
def test_a_map_is_for_pairs_alone(tmp_path: Path, name: str, expected: str) -> None:
    (problem,) = problems(tmp_path, file=f"{name}:\n  type: raw\n")
    assert problem.endswith(f"line 1, {name}: expected {expected}")


def test_what_a_flag_overrides_is_not_a_mistake(tmp_path: Path) -> None:
    assert loaded(tmp_path, file="region: [a, b]\n", flags={"region": "eu-west-1"})


@pytest.mark.parametrize("name", ["dockerfile", "version-file", "policy"])
def test_the_file_names_nothing_to_be_read_outside_the_checkout(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes with a pull request, and the builder shows the lines of what is not a Dockerfile."""
    context = tmp_path / "checkout" / "services"
    context.mkdir(parents=True)
    (tmp_path / "checkout" / ".git").mkdir()
    monkeypatch.chdir(context)
    for value in (
        "../../host",
        "../.git/config",
        f"{tmp_path}/checkout/.GIT/x",
        "/proc/self/environ",
        f"{tmp_path}/checkout-2/x",
    ):
        [problem] = problems(context, file=f"{name}: {value}")
        assert "is outside the checkout, and this file comes with a pull request: use --" in problem
    for value in ("../shared/x", "x", f"{tmp_path}/checkout/x"):
        assert problems(context, file=f"{name}: {value}") == ()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "build-context: lib={}",
            "build-context: [a=b, 'lib=oci-layout://{}:1']",
        ),
        *("cache-from: type=local,src={}", "cache-to: ['type=local,mode=max,dest={}']"),
    ],
)
def test_a_folder_that_a_build_gets_is_one_of_the_checkout(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Dockerfile could copy the agent's own files into the image."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    monkeypatch.chdir(checkout)
    for value in ("../home", f"{tmp_path}/home", "/"):
        [problem] = problems(checkout, file=text.format(value))
        assert "is outside the checkout, and this file comes with a pull request: use --" in problem
    for value in ("lib", f"{checkout}/lib"):
        assert problems(checkout, file=text.format(value)) == ()
    for value in ("docker-image://alpine:3", "https://git.example/o/a.git"):
        assert problems(checkout, file=f"build-context: lib={value}") == ()


def test_the_file_itself_is_one_of_the_checkout_and_not_huge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (tmp_path / "host").write_text("canary: 1")
    monkeypatch.chdir(checkout)
    file = checkout / "ecr-push.yml"
    file.symlink_to("../host")
    [led_out] = problems(checkout)
    assert "it leads outside the checkout by a symlink" in led_out and "canary" not in led_out
    file.unlink()
    os.mkfifo(file)
    assert "it is not a regular file" in problems(checkout)[0]
    file.unlink()
    file.write_text("#" * (1 << 20) + "\n")
    assert "it is larger than 1 MiB" in problems(checkout)[0]


def test_no_buildkit_is_named_by_the_file_that_comes_with_a_pull_request(tmp_path: Path) -> None:
    """It would be sent the registry's login."""
    (problem,) = problems(tmp_path, file="builder: tcp://10.0.0.9:1234")
    assert "ecr-push.yml, line 1, builder: the registry's login" in problem and "use --builder" in problem
    assert loaded(tmp_path, file="builder: podman").builder.builder == "podman"
