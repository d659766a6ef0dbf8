from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.base.severity import Severity
from ecr_push.settings.declare import Settings, environment_name, flag, key, option_help, options
from ecr_push.settings.load import load_settings
from ecr_push.settings.schema import json_schema


def load(
    tmp_path: Path, *, file: str = "", flags: dict[str, object] | None = None, **environ: str
) -> Settings:
    if file:
        (tmp_path / "ecr-push.yml").write_text(file)
    given = {"context": str(tmp_path), "repository": "team/app", **(flags or {})}
    return load_settings(
        {name: one for name, one in given.items() if one is not None}, environ, command="run"
    )


def problems(tmp_path: Path, **given: object) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **given)  # type: ignore[arg-type]
    return caught.value.problems


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = "target: from-file\nregion: eu-west-1\nregistry-id: 012345670123\n"
    environ = {"ECR_PUSH_TARGET": "from-environment", "ECR_PUSH_REGION": "eu-west-2"}
    found = load(tmp_path, file=file, flags={"target": "from-flag"}, **environ)
    assert (found.target, found.region) == ("from-flag", "eu-west-2")
    assert found.registry_id == "012345670123"  # YAML 1.1 would read this as an octal number


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
    assert getattr(load(tmp_path, file=file), field) == value


def test_where_the_policy_is(tmp_path: Path) -> None:
    """In the file itself, beside it, or in S3; a flag's file is where the command runs."""
    assert load(tmp_path, file="policy:\n  fail-on: low\n").policy == str(tmp_path / "ecr-push.yml")
    assert load(tmp_path, file="policy: ci/p.yml").policy == str(tmp_path / "ci" / "p.yml")
    assert load(tmp_path, file="policy: s3://acme/p.yml").policy == "s3://acme/p.yml"
    assert load(tmp_path, file="policy: a.yml", flags={"policy": "b.yml"}).policy == "b.yml"


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_block_of_lines_is_a_list_whatever_divides_the_values_else(where: str, tmp_path: Path) -> None:
    """As inputs of a workflow are written; with blank lines and remarks."""
    values = {
        "tag": "a\nb,c\n\n# remark\n",
        "platform": "linux/amd64,\nlinux/arm64\n",
        "build-arg": "A=1\n\n# B=2\nC=#3\n",
        "max-findings": "critical=0\nhigh=5\n",
    }
    environ = {}
    if where == "environment":
        environ = {f"ECR_PUSH_{name.upper().replace('-', '_')}": text for name, text in values.items()}
    else:
        (tmp_path / "ecr-push.yml").write_text(json.dumps(values))
    found = load_settings({"context": str(tmp_path), "repository": "app"}, environ, command="run")
    assert found.tags == ("a", "b", "c")
    assert found.platforms == ("linux/amd64", "linux/arm64")
    assert found.build_args == ("A=1", "C=#3")
    assert found.max_findings == {Severity.CRITICAL: 0, Severity.HIGH: 5}


def test_a_value_of_one_line_is_no_remark(tmp_path: Path) -> None:
    given = {"context": str(tmp_path), "repository": "app"}
    assert load_settings(given, {"ECR_PUSH_PATH": "#odd"}, command="run").paths == ("#odd",)


def test_lists_in_the_environment_are_lines_or_commas(tmp_path: Path) -> None:
    found = load(tmp_path, ECR_PUSH_BUILD_ARG="A=1,2\nB=3\n", ECR_PUSH_PLATFORM="linux/amd64,linux/arm64")
    assert found.build_args == ("A=1,2", "B=3")
    assert found.platforms == ("linux/amd64", "linux/arm64")


def test_an_empty_variable_is_not_given(tmp_path: Path) -> None:
    assert load(tmp_path, ECR_PUSH_FAIL_ON="", ECR_PUSH_REGION="").fail_on is None


def test_every_mistake_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        file="fail-onn: high\nplatform: [linux/amd64, linux]\nfail-on: hihg\n",
        flags={"output": "jsn"},
        ECR_PUSH_PLATFROM="linux/amd64",
        ECR_PUSH_SCAN_TIMEOUT="soon",
    )
    expected = [
        ("ECR_PUSH_PLATFROM", "did you mean 'ECR_PUSH_PLATFORM'?"),
        ("ecr-push.yml, line 1", "did you mean 'fail-on'?"),
        ("ecr-push.yml, line 2, platform", "'linux' is not a valid platform"),
        ("ecr-push.yml, line 3, fail-on", "did you mean 'high'?"),
        ("ECR_PUSH_SCAN_TIMEOUT", "'soon' is not a valid duration"),
        ("--output", "did you mean 'json'?"),
    ]
    assert len(found) == len(expected)
    for place, text in expected:
        assert any(place in one and text in one for one in found), place


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"flags": {"repository": None}}, "--repository: is required"),
        ({"flags": {"image": "x:1", "target": "y"}}, "--target: has no effect with --image"),
        ({"flags": {"kms_key": "alias/x"}}, "--kms-key: is fixed when a repository is created"),
        ({"flags": {"sandbox": True, "profile": "x"}}, "--profile: has no effect with --sandbox"),
        ({"flags": {"advisories": ("x",)}}, "--advisories: is for the sandbox"),
        (
            {"flags": {"sandbox": True, "scan_events_queue": "scans"}},
            "--scan-events-queue: has no effect with --sandbox",
        ),
        ({"flags": {"scan_events_queue": "scans.fifo"}}, "is a FIFO queue"),
        ({"flags": {"scan_events_queue": "https://example.invalid/scans"}}, "is not a valid SQS queue"),
        (
            {"flags": {"scan_events_queue": "arn:aws:sqs:eu-west-1:123456789012:scans"}},
            "is not a valid SQS queue",
        ),
        (
            {"flags": {"repository": "public.ecr.aws/a/bc", "registry_id": "123456789012"}},
            "has no registry ids",
        ),
        (
            {
                "flags": {
                    "repository": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/bc",
                    "region": "eu-west-2",
                }
            },
            "--region: eu-west-2 contradicts --repository",
        ),
        ({"flags": {"max_findings": "high=x,crit=0"}}, "did you mean 'critical'?"),
        ({"file": "- a list"}, "expected settings as 'name: value' lines"),
        ({"file": "a: [unclosed"}, "line 1, column 13: is not valid YAML: expected ',' or ']'"),
        (
            {"file": "a: 1\nb: c: d"},
            "line 2, column 5: is not valid YAML: mapping values are not allowed here",
        ),
        ({"file": "a: \x01"}, "ecr-push.yml: is not valid YAML: unacceptable character"),
        ({"file": "policy: &a {exceptions: *a}"}, "cannot be read"),
        ({"file": "policy:\n  ? [a, b]\n  : c"}, "cannot be read"),
        ({"file": "? [a, b]\n: c"}, "there is no setting"),
        ({"file": "target: a\ntarget: b"}, "'target' is already set in line 1"),
        ({"flags": {"role": "arn:aws:iam::1:role/x"}}, "is not a valid role ARN"),
        ({"flags": {"region": "Frankfurt"}}, "is not a valid AWS region"),
        (  # 012345678901 in a workflow is a number, and arrives as one
            {"ECR_PUSH_REGISTRY_ID": "12345678901"},
            "'12345678901' is not a valid registry id: expected the account's 12 digits; quote it",
        ),
        ({"flags": {"build_args": ("FOO",)}}, "--build-arg: 'FOO': expected NAME=VALUE"),
        ({"flags": {"sandbox": True, "advisories": ("/gone",)}}, "--advisories: there is no directory /gone"),
        ({"flags": {"repository": "team/app:1"}}, "without a tag; tags are given with --tag"),
        ({"flags": {"repository": "team/app@sha256:0"}}, "without a tag"),
        ({"flags": {"repository": "https://x/y"}}, "--repository: 'https://x/y': leave out https://"),
        ({"flags": {"registry_id": "1234567890123"}}, "expected the account's 12 digits"),
        (
            {"flags": {"version": "1.1"}},
            "--version: '1.1' is not a version of the scheme semver: 1.1.0, or --version-scheme two-part",
        ),
        (
            {"ECR_PUSH_VERSION": "1.1"},
            "or --version-scheme two-part; quote it in YAML, where 1.10 is the number 1.1",
        ),
        ({"file": "version: 1.10"}, "line 1, version: '1.10' is not a version of the scheme semver: 1.10.0"),
        ({"file": "a:\n\t- b"}, "line 2, column 1: is not valid YAML: a tab: YAML is indented with spaces"),
        (
            {"flags": {"max_findings": "high:5"}},
            "--max-findings: 'high:5': expected SEVERITY=NUMBER, such as high=5",
        ),
        ({"flags": {"baseline": "a b"}}, "--baseline: 'a b' is not a valid image tag"),
        ({"flags": {"base_image": "debian:12"}}, "expected REPOSITORY@sha256:"),
    ],
)
def test_mistakes(tmp_path: Path, given: dict[str, object], text: str) -> None:
    found = problems(tmp_path, **given)
    assert len(found) == 1
    assert text in found[0]


def test_a_flag_is_not_told_to_be_quoted_in_yaml(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, flags={"registry_id": "999"})
    assert problem == "--registry-id: '999' is not a valid registry id: expected the account's 12 digits"


@pytest.mark.parametrize("file", ["repository: a: b", "- a list"])
def test_nothing_is_said_to_lack_that_an_unread_file_may_say(tmp_path: Path, file: str) -> None:
    flags = {"repository": None, "kms_key": "alias/x", "image": "x:1", "target": "y"}
    found = problems(tmp_path, file=file, flags=flags)
    assert [one.partition(":")[0].partition(",")[0] for one in found] == [
        f"{tmp_path}/ecr-push.yml",
        "--target",
    ]


def test_a_file_of_another_ending_is_not_passed_over(tmp_path: Path) -> None:
    other = tmp_path / "ecr-push.yaml"
    other.write_text("repository: team/app\n")
    (problem,) = problems(tmp_path, flags={"repository": None})
    assert problem == f"there is an {other}, which is not read: rename it to ecr-push.yml"
    assert load(tmp_path, file="region: eu-west-1").region == "eu-west-1"


def test_a_mistaken_repository_is_not_also_missing(tmp_path: Path) -> None:
    found = problems(tmp_path, flags={"repository": "Team/App", "image": "x:1", "target": "y"})
    assert [one.split(":")[0] for one in found] == ["--repository", "--target"]


def test_the_value_of_a_build_argument_is_never_repeated(tmp_path: Path) -> None:
    found = problems(tmp_path, flags={"build_args": ("to ken=hunter2",)})
    assert "hunter2" not in found[0]


def test_every_setting_has_one_name_in_three_spellings_and_help() -> None:
    for setting in options():
        assert flag(setting) == "--" + key(setting)
        assert environment_name(setting) == "ECR_PUSH_" + key(setting).upper().replace("-", "_")
        assert option_help(setting).help.endswith(".")
        assert option_help(setting).commands
    assert len({key(setting) for setting in options()}) == len(options())


BY_CALLER = {
    *("context", "profile", "role", "role_to_assume", "sandbox", "on_fork"),
    *("branch", "tag_ref", "pull_request", "commit", "default_branch", "run_url", "actor"),
}


def test_who_asks_is_not_said_by_what_is_built(tmp_path: Path) -> None:
    """The file comes with the checkout, which may be a pull request's: even where it says what is right."""
    assert {setting.name for setting in options() if option_help(setting).by_caller} == BY_CALLER
    for setting in options():
        if setting.name in BY_CALLER:
            (problem,) = problems(tmp_path, file=f"\n{key(setting)}: main\n")
            assert f"ecr-push.yml, line 2, {key(setting)}: is not allowed in this file" in problem
            assert environment_name(setting) in problem
    assert "use --on-fork or ECR_PUSH_ON_FORK" in problems(tmp_path, file="on-fork: push")[0]


def test_a_file_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "ecr-push.yml").write_text("tag: [latest, pwned]\nnonsense: 1\n")
    given = {"context": str(tmp_path), "repository": "team/app"}
    assert load_settings(given, {}, command="run", file=False).tags == ()


def test_the_schema_knows_every_setting_of_the_file_and_no_other() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == {key(one) for one in options() if one.name not in BY_CALLER}
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    "file",
    [
        "tags: |\n  # comment\n  type=sha\n\n  stable\n",
        "tags:\n  - type=sha\n  - stable\n",
        "tags: type=sha\nflavor: latest=false\n",
    ],
)
def test_rules_are_one_text_or_a_list(tmp_path: Path, file: str) -> None:
    assert "sha" in {rule.type for rule in load(tmp_path, file=file).tag_rules}


def test_rules_keep_their_lines_wherever_they_come_from(tmp_path: Path) -> None:
    rules = "\n# fine\ntype=raw\ntype=sha,format=tiny\n"
    expected = ("line 3: type=raw: type=raw needs value=", "line 4: format=tiny: there is no format 'tiny'")
    for given in ({"file": f"tags: |2\n{rules.replace(chr(10), chr(10) + '  ')}"}, {"ECR_PUSH_TAGS": rules}):
        found = problems(tmp_path, **given)
        assert [one for one in expected if not any(one in problem for problem in found)] == []
        (tmp_path / "ecr-push.yml").unlink(missing_ok=True)
    flags = problems(tmp_path, flags={"tag_rules": ("stable", "type=raw")})
    assert flags == ("--tags: line 2: type=raw: type=raw needs value=",)


@pytest.mark.parametrize(
    ("flags", "told"),
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
        ({"version_scheme": "YYYY.QQ"}, "no calendar pattern"),
        ({"version_scheme": "semvr"}, "did you mean 'semver'?"),
        ({"commit_scopes": ("api",)}, "--commit-scope: is for --version-strategy conventional"),
        ({"git_tag": True, "version_strategy": "tag"}, "--git-tag: has no effect"),
        ({"flavor": ("latest=false",)}, "--flavor: changes the rules of --tags"),
        ({"flavor": ("latest=false",), "naming": "metadata-action"}, ""),
        ({"labels": ("no value",)}, "expected KEY=VALUE"),
        ({"labels": ("x={{nope}}",)}, "there is no expression 'nope' here"),
        ({"labels": ("x={{sha",)}, "--label"),
        ({"image": "app:1", "labels": ("x=y",)}, "--label: has no effect with --image"),
        ({"channels": ("next=rc", "bad")}, "--channel: 'bad' is not a valid channel"),
    ],
)
def test_what_is_said_of_versions_and_names_must_fit_together(
    tmp_path: Path, flags: dict[str, object], told: str
) -> None:
    if told:
        assert told in "\n".join(problems(tmp_path, flags=flags))
    else:
        load(tmp_path, flags=flags)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"tag_rules": ("type=semvr",), "flavor": ("latest=true",)}, "--tags"),
        ({"version_strategy": "conventionl", "commit_scopes": ("api",)}, "--version-strategy"),
        ({"version_scheme": "two-parts", "version": "1.4"}, "--version-scheme"),
        ({"create_repository": "perhaps", "kms_key": "alias/x"}, "--create-repository"),
        ({"sandbox": "perhaps", "advisories": ("x",)}, "--sandbox"),
    ],
)
def test_nothing_is_said_to_lack_that_is_mistaken(
    tmp_path: Path, flags: dict[str, object], told: str
) -> None:
    (problem,) = problems(tmp_path, flags=flags)
    assert problem.startswith(f"{told}: ")


def test_a_mistake_hides_no_contradiction_of_others(tmp_path: Path) -> None:
    flags = {"image": "app:1", "build_args": ("1=",), "labels": ("x=y",), "version": "1.4.2",
             "version_file": "V", "version_strategy": "fil"}  # fmt: skip
    assert [problem.partition(":")[0] for problem in problems(tmp_path, flags=flags)] == [
        "--build-arg", "--version-strategy", "--label", "--version-file",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "\n", "  \n# none\n"])
def test_no_rules_are_no_rules(tmp_path: Path, text: str) -> None:
    """They leave the computed tags, and are not docker/metadata-action's default ones."""
    assert load(tmp_path, flags={"tag_rules": (text,)}).tag_rules == ()
    assert load(tmp_path, ECR_PUSH_TAGS=text).tag_rules == ()
    assert load(tmp_path, file="tags: |\n  # none\n").tag_rules == ()


def test_a_value_of_several_lines_is_one_value(tmp_path: Path) -> None:
    """A commit's message must not become labels of its writer's choice."""
    text = "fix: x\norg.opencontainers.image.version=9.9.9"
    flags = {"labels": (f"x.message={text}",), "build_args": (f"M={text}", " ")}
    told = load(tmp_path, flags=flags)
    assert (told.labels, told.build_args) == ((f"x.message={text}",), (f"M={text}",))


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
    assert getattr(load(tmp_path, file=f"{name}:\n  b: 1.10\n"), field) == ("b=1.10",)


def test_the_schema_takes_every_form_that_the_file_may_have() -> None:
    properties = json_schema()["properties"]

    def forms(name: str) -> set[str]:
        found = (one["type"] for one in properties[name]["anyOf"])
        return {word for one in found for word in ([one] if isinstance(one, str) else one)} - {"number"}

    assert forms("tags") == forms("platform") == {"string", "array"}
    assert forms("label") == forms("build-arg") == {"string", "array", "object"}
    assert forms("max-findings") == {"string", "object"}


def test_where_reports_go_is_looked_at_before_anything_is_built(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("path", ["/etc/profile", "../x.html", "a/../../x.html", "html=/x", "html=../x"])
@pytest.mark.parametrize("name", ["report", "result"])
def test_the_file_has_nothing_written_outside_of_where_the_run_is(
    name: str, path: str, tmp_path: Path
) -> None:
    path = path.removeprefix("html=") if name == "result" else path
    [problem] = problems(tmp_path, file=f"{name}: ['{path}']" if name == "report" else f"{name}: '{path}'")
    assert f"ecr-push.yml, line 1, {name}: {path.removeprefix('html=')} is not below the working" in problem
    assert f"use --{name} or ECR_PUSH_{name.upper()}" in problem


def test_no_link_of_the_checkout_leads_a_report_out_of_it(
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
        led = "leads outside the checkout by a symlink: give"
        assert problems(tmp_path, flags={**flags, "context": context}) == (
            f"--result: {checkout}/out/x.json {led} {home}/x.json itself",
            f"--report: report.html {led} {home}/.profile itself",
        )


def test_reports_in_the_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = f"report:\n  - {tmp_path}/r.md\n  - junit={tmp_path}/tests\n"
    assert [str(one) for one in load(tmp_path, file=file).reports] == [
        f"markdown={tmp_path}/r.md",
        f"junit={tmp_path}/tests",
    ]
    environ = {"ECR_PUSH_REPORT": f"{tmp_path}/r.sarif\n{tmp_path}/r.md\n"}
    assert [one.format for one in load(tmp_path, file=file, **environ).reports] == ["sarif", "markdown"]
    assert "did you mean 'sarif'?" in problems(tmp_path, flags={"reports": ("sarfi=x",)})[0]
