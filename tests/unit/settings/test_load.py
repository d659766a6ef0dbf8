from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from ecr_push.base.documentation import page
from ecr_push.base.errors import SettingsError
from ecr_push.base.severity import Severity
from ecr_push.cli.call import Call
from ecr_push.settings import declare as declared
from ecr_push.settings.load import load, required
from ecr_push.settings.sources import read_sources, with_file
from tests.support.settings import load_settings, loaded, problems


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = "target: from-file\nregion: eu-west-1\nregistry-id: 012345670123\n"
    environ = {"ECR_PUSH_TARGET": "from-environment", "ECR_PUSH_REGION": "eu-west-2"}
    found = loaded(tmp_path, file=file, flags={"target": "from-flag"}, **environ)
    assert (found.builder.target, found.registry.region) == ("from-flag", "eu-west-2")
    assert found.registry.registry_id == "012345670123"  # YAML 1.1 would read this as an octal number


def test_a_value_of_one_line_is_not_a_comment(tmp_path: Path) -> None:
    given = {"context": str(tmp_path), "repository": "app"}
    assert load_settings(given, {"ECR_PUSH_PATH": "#odd"}, command="run").source.paths == ("#odd",)


def test_white_space_around_a_value_is_none_of_it(tmp_path: Path) -> None:
    """A block of YAML ends with a line break; a variable of a CI has what was pasted into its field."""
    found = loaded(tmp_path, file="target: |\n  app\n", ECR_PUSH_REGION=" eu-west-2\n")
    assert (found.builder.target, found.registry.region) == ("app", "eu-west-2")
    assert loaded(tmp_path, file="region: eu-west-1", ECR_PUSH_REGION=" \n").registry.region == "eu-west-1"


def test_lists_in_the_environment_are_lines_or_commas(tmp_path: Path) -> None:
    found = loaded(tmp_path, ECR_PUSH_BUILD_ARG="A=1,2\nB=3\n", ECR_PUSH_PLATFORM="linux/amd64,linux/arm64")
    assert found.builder.build_args == ("A=1,2", "B=3")
    assert found.builder.platforms == ("linux/amd64", "linux/arm64")


def test_an_empty_variable_is_not_given(tmp_path: Path) -> None:
    assert loaded(tmp_path, ECR_PUSH_FAIL_ON="", ECR_PUSH_REGION="").policy.fail_on is None


def test_a_part_is_built_and_joined_with_the_same_file(tmp_path: Path) -> None:
    file = "compression: zstd\ncache: ecr\ncache-repository: team/caches\nbuilder: far\nprovenance: max\n"
    found = loaded(tmp_path, file=file, ECR_PUSH_PART="app@sha256:" + "0" * 64)
    assert (found.builder.compression, found.cache.cache, found.builder.builder) == ("", "none", "")
    # A mistake stays one, and what the call itself asks for is not left out in silence.
    said = problems(tmp_path, file="compression: zip\n", ECR_PUSH_PART="a", ECR_PUSH_CACHE="ecr")
    places = [Path(one.partition(":")[0]).name for one in said]
    assert places == ["ecr-push.yml, line 1, compression", "ECR_PUSH_CACHE"]


def test_every_mistake_is_reported_at_once_with_its_place(tmp_path: Path) -> None:
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


def test_only_a_variable_is_to_be_quoted_in_yaml(tmp_path: Path) -> None:
    """012345678901 in a workflow is a number, and arrives as one. ecr-push.yml is read as it is written."""
    wrong = "is not a valid registry id: expected the account's 12 digits"
    (flag,) = problems(tmp_path, flags={"registry_id": "999"})
    assert flag == f"--registry-id: '999' {wrong}"
    (variable,) = problems(tmp_path, ECR_PUSH_REGISTRY_ID="12345678901")
    assert variable == (
        f"ECR_PUSH_REGISTRY_ID: '12345678901' {wrong}; quote it in YAML, which drops a leading 0"
    )
    (file,) = problems(tmp_path, file="registry-id: 999")
    assert file.endswith(f"line 1, registry-id: '999' {wrong}")


def test_a_contradiction_names_the_place_that_gave_the_option(tmp_path: Path) -> None:
    wrong = "is fixed when a repository is created: give --create-repository too"
    assert problems(tmp_path, flags={"kms_key": "x"}) == (f"--kms-key: {wrong}",)
    assert problems(tmp_path, ECR_PUSH_KMS_KEY="x") == (f"ECR_PUSH_KMS_KEY: {wrong}",)
    assert problems(tmp_path, file="kms-key: x") == (f"{tmp_path}/ecr-push.yml, line 1, kms-key: {wrong}",)


@pytest.mark.parametrize("file", ["repository: a: b", "- a list"])
def test_nothing_is_reported_as_missing_that_an_unread_file_may_give(tmp_path: Path, file: str) -> None:
    flags = {"repository": None, "kms_key": "alias/x", "image": "x:1", "target": "y"}
    found = problems(tmp_path, file=file, flags=flags)
    assert [one.partition(":")[0].partition(",")[0] for one in found] == [
        f"{tmp_path}/ecr-push.yml",
        "--target",
    ]


def test_a_file_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "ecr-push.yml").write_text("tag: [latest, pwned]\nnonsense: 1\n")
    sources = read_sources({"context": str(tmp_path), "repository": "team/app"}, {})
    assert required(load(sources, "run")).tags.extra_tags == () and sources.file is None
    assert len(load(with_file(sources), "run").problems) == 1


def test_which_file_was_read_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()

    def about(context: str) -> str:
        return load(with_file(read_sources({"context": context, "repository": "x"}, {})), "run").about_file

    assert about(".") == "no ecr-push.yml"
    assert about("app") == "no app/ecr-push.yml"
    Path("ecr-push.yml").write_text("repository: x\n")
    assert about(".") == "settings from ecr-push.yml"
    only_here = "./ecr-push.yml is read for builds of this directory alone"
    assert about("app") == f"no app/ecr-push.yml; {only_here}"
    Path("app/ecr-push.yml").write_text("- a list")
    sources = with_file(read_sources({"context": "app"}, {}))
    assert sources.about_file() == "settings from app/ecr-push.yml" and sources.unread
    untrusted = read_sources({"context": "app"}, {}).about_file()
    assert untrusted == "ecr-push.yml is not read: the code may be someone's who cannot push"


def test_what_is_valid_is_there_beside_the_problems() -> None:
    found = load(read_sources({"fail_on": "hgih", "output": "json", "repository": "team/app"}, {}), "run")
    assert len(found.problems) == 1
    assert found.settings.report.output == "json" and found.settings.policy.fail_on is None
    with pytest.raises(SettingsError, match="the settings are wrong") as caught:
        required(found)
    assert caught.value.problems == found.problems
    assert caught.value.remedy.startswith("see the help of --fail-on: Refuse an image with a finding of")


OURS = page("settings.md#")


@pytest.mark.parametrize(
    ("flags", "environ", "remedy"),
    [
        ({"fail_on": "hgih", "scan_timeout": "soon"}, {}, "see 'ecr-push scan --help'"),
        ({"fail_on": "hgih", "repository": "/"}, {}, "see 'ecr-push scan --help'"),
        ({"fail_on": "hgih"}, {"ECR_PUSH_SCAN_TIMEOUT": "soon"}, f"see {OURS}what-is-accepted"),
        ({"fail_on": "hgih"}, {"ECR_PUSH_REGION": "mars"}, f"see {OURS}all-settings"),
        ({"fail_on": "hgih"}, {"ECR_PUSH_REGOIN": "x"}, f"see {OURS}all-settings"),
        ({}, {"ECR_PUSH_PLATFORM": "x"}, f"see {OURS}what-to-build"),  # of another command
    ],
)
def test_several_mistakes_refer_to_the_help_or_the_page(
    flags: dict[str, str], environ: dict[str, str], remedy: str
) -> None:
    flags = {"repository": "team/app", **flags}
    assert load(read_sources(flags, environ), "scan").remedy == remedy


def test_mistakes_in_the_file_refer_to_its_section(tmp_path: Path) -> None:
    for text, section in (
        ("repositry: x\n", "the-file"),
        ("- a list\n", "the-file"),
        ("fail-on: hihg\nscan-timeout: soon\n", "what-is-accepted"),
        ("fail-on: hihg\nregion: mars\n", "all-settings"),
    ):
        (tmp_path / "ecr-push.yml").write_text(text)
        flags = {"context": str(tmp_path), "repository": "team/app"}
        found = load(with_file(read_sources(flags, {})), "run")
        assert found.remedy == f"see {OURS}{section}", text


def test_the_page_of_settings_has_a_section_for_each_group() -> None:
    text = Path(__file__).parents[3].joinpath("docs/settings.md").read_text()
    groups = {declared.option_help(one).group for one in declared.options()}
    for title in ("## The file", "## All settings", *(f"### {group}" for group in groups)):
        assert f"\n{title}\n" in text


def test_reports_that_cannot_be_written_are_left_out(tmp_path: Path) -> None:
    """The others are written: they tell the mistakes."""
    reports = [f"{tmp_path}/{name}" for name in ("gone/r.md", "r.xml", "r.no-format", "r.xml")]
    flags = {"repository": "team/app", "reports": reports, "result": f"{tmp_path}/r.json"}
    found = load(read_sources(flags, {}), "run")
    assert found.problems
    assert [one.path for one in found.settings.report.reports] == [f"{tmp_path}/r.xml"]
    assert found.settings.report.result == f"{tmp_path}/r.json"
    lost = load(read_sources(flags | {"result": f"{tmp_path}/gone/r.json"}, {}), "run")
    assert not lost.settings.report.result and lost.settings.report.reports


def test_flags_can_be_taken_out_of_the_sources() -> None:
    """A second view of the same sources, as for the trial of a policy beside the present one."""
    sources = read_sources({"fail_on": "low", "region": "eu-west-1"}, {"ECR_PUSH_FAIL_ON": "high"})
    without = sources.without_flags({"fail_on"}).settings()
    assert (sources.settings().policy.fail_on, without.policy.fail_on) == (Severity.LOW, Severity.HIGH)
    assert without.registry.region == "eu-west-1"


def test_a_run_that_only_checks_needs_no_repository(tmp_path: Path) -> None:
    sources = read_sources({"context": str(tmp_path)}, {})
    (problem,) = load(sources, "run").problems
    assert problem == "--repository: is required: the repository's name, such as team/app"
    assert not load(sources, "run", needs_repository=False).problems
    assert not load(sources, "tags").problems


def test_rules_keep_their_lines_wherever_they_come_from(tmp_path: Path) -> None:
    rules = "\n# fine\ntype=raw\ntype=sha,format=tiny\n"
    expected = ("line 3: type=raw: type=raw needs value=", "line 4: format=tiny: there is no format 'tiny'")
    for given in ({"file": f"tags: |2\n{rules.replace(chr(10), chr(10) + '  ')}"}, {"ECR_PUSH_TAGS": rules}):
        found = problems(tmp_path, **given)
        assert [one for one in expected if not any(one in problem for problem in found)] == []
        (tmp_path / "ecr-push.yml").unlink(missing_ok=True)
    flags = problems(tmp_path, flags={"tag_rules": ("stable", "type=raw")})
    assert flags == ("--tags: line 2: type=raw: type=raw needs value=",)


@pytest.mark.parametrize("text", ["", "\n", "  \n# none\n"])
def test_rules_without_content_are_ignored(tmp_path: Path, text: str) -> None:
    """They leave the computed tags, and are not docker/metadata-action's default ones."""
    assert loaded(tmp_path, flags={"tag_rules": (text,)}).tags.tag_rules == ()
    assert loaded(tmp_path, ECR_PUSH_TAGS=text).tags.tag_rules == ()
    assert loaded(tmp_path, file="tags: |\n  # none\n").tags.tag_rules == ()


def test_a_value_of_several_lines_is_one_value(tmp_path: Path) -> None:
    """A commit's message must not become labels of its writer's choice."""
    text = "fix: x\norg.opencontainers.image.version=9.9.9"
    flags = {"labels": (f"x.message={text}",), "build_args": (f"M={text}",)}
    expected = loaded(tmp_path, flags=flags)
    assert (expected.tags.labels, expected.builder.build_args) == ((f"x.message={text}",), (f"M={text}",))


@pytest.mark.parametrize("name", ["labels", "platforms", "no_cache_filter", "secrets", "tests"])
def test_an_empty_flag_is_a_mistake(name: str, tmp_path: Path) -> None:
    """`--test "$UNSET"` would test nothing, and pass."""
    assert problems(tmp_path, flags={name: (" ",)})
    loaded(tmp_path, flags={name: ()})


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_block_of_lines_is_a_list_whatever_the_separator(where: str, tmp_path: Path) -> None:
    """As inputs of a workflow are written; with blank lines and comments."""
    values = {
        "tag": "a\nb,c\n\n# comment\n",
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
    assert found.tags.extra_tags == ("a", "b", "c")
    assert found.builder.platforms == ("linux/amd64", "linux/arm64")
    assert found.builder.build_args == ("A=1", "C=#3")
    assert found.policy.max_findings == {Severity.CRITICAL: 0, Severity.HIGH: 5}


def test_reports_in_the_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = f"report:\n  - {tmp_path}/r.md\n  - junit={tmp_path}/tests\n"
    assert [str(one) for one in loaded(tmp_path, file=file).report.reports] == [
        f"markdown={tmp_path}/r.md",
        f"junit={tmp_path}/tests",
    ]
    environ = {"ECR_PUSH_REPORT": f"{tmp_path}/r.sarif\n{tmp_path}/r.md\n"}
    found = loaded(tmp_path, file=file, **environ).report.reports
    assert [one.format for one in found] == ["sarif", "markdown"]
    assert "did you mean 'sarif'?" in problems(tmp_path, flags={"reports": ("sarfi=x",)})[0]


def test_the_value_of_a_build_argument_is_never_repeated(tmp_path: Path) -> None:
    found = problems(tmp_path, flags={"build_args": ("to ken=hunter2",)})
    assert "hunter2" not in found[0]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("REGOIN", "; did you mean 'ECR_PUSH_REGION'?"), ("KUMQUAT", ""), ("TOKEN", ""), ("QUX", "")],
)
def test_variables_are_not_similar_for_how_they_all_begin(name: str, hint: str) -> None:
    found = read_sources({}, {f"ECR_PUSH_{name}": "x"}).problems
    assert found == (f"ECR_PUSH_{name}: there is no such setting{hint}",)


def test_what_is_given_shows_no_value(tmp_path: Path) -> None:
    """A traceback or a log may show a repr; a build argument may be a secret."""
    given = read_sources({"build_args": ("A=hunter2",)}, {"ECR_PUSH_LABEL": "b=hunter2"})
    loaded = load(given, "run")
    call = Call({"TOKEN": "hunter2"}, io.StringIO(), io.StringIO(), {"build_args": ("A=hunter2",)}, loaded)
    assert "hunter2" not in repr((given, loaded, call))


@pytest.mark.parametrize(
    ("flags", "created"),
    [
        ({"sandbox": True}, True),
        ({"sandbox": True, "create_repository": False}, False),
        ({}, False),
    ],
)
def test_the_sandbox_of_a_run_has_the_repository(flags: dict[str, object], created: bool) -> None:
    given = {"repository": "team/app", **flags}
    assert load_settings(given, {}, command="run").registry.create_repository == created
    problems = load(read_sources({**given, "kms_key": "alias/x"}, {}), "run").problems
    assert bool(problems) != created, "what goes with --create-repository goes with --sandbox"
