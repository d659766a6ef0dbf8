"""The Jenkins library against what it is made from: nothing in it may drift from the package."""

from __future__ import annotations

import importlib.util
import json
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ecr_push.pipeline.outcome import RELEASABLE
from ecr_push.report.document import document
from ecr_push.settings import declare as declared
from tests.support.outcomes import OUTCOMES
from tests.support.paths import ROOT

LIBRARY = ROOT / "jenkins"
RESOURCES = LIBRARY / "resources" / "io" / "ecrpush"
EXAMPLES = ROOT / "examples" / "jenkins"
STEP = (LIBRARY / "vars" / "ecrPush.groovy").read_text(encoding="utf-8")
HELP = (LIBRARY / "vars" / "ecrPush.txt").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "jenkins.md").read_text(encoding="utf-8")
SEVERAL = (ROOT / "docs" / "monorepo.md").read_text(encoding="utf-8")


def load(path: Path) -> ModuleType:
    loader = SourceFileLoader(path.stem.replace("-", "_"), str(path))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


pack = load(ROOT / "scripts" / "pack-jenkins")
unpack = load(RESOURCES / "unpack.py")
answer = load(RESOURCES / "answer.py")


def test_what_follows_from_the_rest_is_current() -> None:
    stale = [path.name for path, now, wanted in pack.rendered() if now != wanted]
    assert not stale, "run .venv/bin/python scripts/pack-jenkins"


# ------------------------------------------------------------------------- what the library carries


def test_the_package_comes_out_as_it_went_in() -> None:
    found = unpack.files((RESOURCES / "package.txt").read_text(encoding="ascii"))
    assert found == pack.package()
    assert found["ecr_push/cli/main.py"] == (ROOT / "ecr_push" / "cli" / "main.py").read_bytes()
    assert sum(path.endswith(".dist-info/METADATA") for path in found) == 1


@pytest.mark.parametrize("path", ["/etc/passwd", "../evil.py", "ecr_push/../../evil.py"])
def test_no_line_leads_out_of_the_package(path: str) -> None:
    with pytest.raises(ValueError, match="leads out of the package"):
        unpack.files(f"{path} eJwDAAAAAAE=\n")


def test_a_change_of_one_module_changes_one_line() -> None:
    files = pack.package()
    before = pack.packed(files).splitlines()
    after = pack.packed({**files, "ecr_push/cli/main.py": b"changed"}).splitlines()
    assert [one.split()[0] for one, other in zip(before, after, strict=True) if one != other] == [
        "ecr_push/cli/main.py"
    ]


def test_every_resource_that_the_step_asks_for_is_there_and_no_other() -> None:
    named = set(re.findall(r"'([\w.-]+\.(?:sh|py|txt))'", STEP))
    of_the_bundle = {"start.py"}
    assert named - of_the_bundle == {path.name for path in RESOURCES.iterdir() if path.is_file()}


# ------------------------------------------------------------------------- options


def options_in_groovy() -> dict[str, tuple[str, str, bool]]:
    text = (LIBRARY / "src" / "io" / "ecrpush" / "Settings.groovy").read_text(encoding="utf-8")
    rows = re.findall(r"^ +(\w+): \['(\w+)', '([^']*)', (true|false)\],$", text, re.M)
    return {name: (variable, separator, pairs == "true") for name, variable, separator, pairs in rows}


def test_the_options_are_the_settings_of_its_commands() -> None:
    """Compared without the generator, which might be wrong."""
    found = options_in_groovy()
    commands = {"run", "scan", "promote", "verify"}
    commands |= {"deploy ecs", "deploy lambda", "deploy batch", "deploy sagemaker"}
    settings = {
        declared.environment_name(one): one
        for one in declared.options()
        if declared.option_help(one).commands & commands
    }
    assert {variable for variable, _, _ in found.values()} == settings.keys() - {"ECR_PUSH_OUTPUT"}
    for name, (variable, separator, pairs) in found.items():
        assert name.lower() == variable.removeprefix("ECR_PUSH_").replace("_", "").lower()
        about = declared.option_help(settings[variable])
        assert pairs or separator.replace("\\n", "\n") == about.separator
    assert found["buildArg"] == ("ECR_PUSH_BUILD_ARG", "\\n", True)
    assert found["maxFindings"] == ("ECR_PUSH_MAX_FINDINGS", ",", True)


def own_options() -> set[str]:
    source = (LIBRARY / "src" / "io" / "ecrpush" / "Request.groovy").read_text(encoding="utf-8")
    (listed,) = re.findall(r"STEP_OPTIONS = \[([^]]+)\]", source)
    return set(re.findall(r"'(\w+)'", listed))


def test_the_help_names_every_option_and_no_other() -> None:
    known = options_in_groovy().keys() | own_options()
    named = re.findall(r"^  (\w+): ", HELP, re.M)
    assert sorted(named) == sorted(known)
    assert "--" not in HELP, "an option of the step has no dashes"


def test_the_help_names_everything_that_the_step_returns() -> None:
    table = HELP.partition("returns a Map:\n\n")[2].partition("\n\n")[0]
    given = {*answer.answer({}, 2), "reports", "result"}
    assert set(re.findall(r"^  (\w+) ", table, re.M)) == given


# ------------------------------------------------------------------------- what the pipeline gets


@pytest.mark.parametrize("ending", OUTCOMES)
def test_every_ending_has_an_answer(ending: str) -> None:
    outcome = OUTCOMES[ending]
    returned: dict[str, Any] = answer.answer(json.loads(json.dumps(document(outcome))), outcome.exit_code)
    assert returned["exitCode"] == outcome.exit_code
    assert returned["message"].endswith(f"(exit code {outcome.exit_code})")
    assert returned["message"].isprintable()
    assert (returned["image"] is not None) == (outcome.status in RELEASABLE)
    assert returned["verdict"] == outcome.status
    if outcome.failure:
        assert outcome.failure.phase in returned["message"]


@pytest.mark.parametrize(
    ("code", "word"),
    [(1, "failed"), (2, "failed"), (129, "interrupted"), (143, "interrupted"), (-9, "failed")],
)
def test_a_run_without_a_document_has_the_word_of_its_exit_code(code: int, word: str) -> None:
    returned = answer.answer({}, code)
    assert returned["verdict"] == word


def test_what_was_only_checked_says_why() -> None:
    outcome = OUTCOMES["checked"]
    returned = answer.answer(json.loads(json.dumps(document(outcome))), 0)
    assert returned["message"] == f"checked: {outcome.checked} (exit code 0)"


def test_a_run_without_a_document_fails_closed() -> None:
    returned = answer.answer({}, 2)
    assert (returned["verdict"], returned["image"], returned["tags"], returned["counts"]) == (
        "failed",
        None,
        [],
        {},
    )
    assert "nothing was built" in returned["message"]


def test_counts_are_those_of_all_platforms() -> None:
    platforms = [{"counts": {"HIGH": 1, "LOW": 0}}, {"counts": {"HIGH": 2, "LOW": 3}}]
    assert answer.answer({"status": "accepted", "scan": {"platforms": platforms}}, 0)["counts"] == {
        "HIGH": 3,
        "LOW": 3,
    }


def test_a_message_is_one_line_whatever_comes_from_outside() -> None:
    failure = {"phase": "build", "what": "a\nb\x1b[31m", "why": "c\r\nd", "remedy": ""}
    returned = answer.answer({"failure": failure, "status": "failed"}, 3)
    assert returned["message"] == "failed in phase build: a b\N{REPLACEMENT CHARACTER}[31m: c (exit code 3)"


# ------------------------------------------------------------------------- house rules


def test_no_shell_is_handed_a_value_by_interpolation() -> None:
    """Scripts are single-quoted: what a pipeline says arrives in variables, and no secret in a GString."""
    scripts = re.findall(r"script: (\S{3})", STEP)
    assert scripts and set(scripts) == {"'''"}
    assert len(scripts) == len(re.findall(r"\bsh\(", STEP))


def test_classes_can_be_kept_and_their_methods_are_plain() -> None:
    for path in (LIBRARY / "src").rglob("*.groovy"):
        text = path.read_text(encoding="utf-8")
        assert "implements Serializable" in text, path.name
        methods = re.findall(
            r"^(.*)\n    (?!.*\bfinal\b)(?:private )?(?:static )?\w[\w<>, ]* \w+\(.*\{$", text, re.M
        )
        assert all(above.strip() == "@NonCPS" for above in methods), path.name
    assert "@NonCPS" not in STEP


# ------------------------------------------------------------------------- the guide


def test_the_examples_of_the_guide_are_the_files_that_are_tested() -> None:
    blocks = re.findall(r"^```groovy\n(.*?)^```$", GUIDE + SEVERAL, re.M | re.S)
    shown = {path.name for path in EXAMPLES.iterdir() if path.read_text(encoding="utf-8") in blocks}
    assert shown == {
        *("scripted.Jenkinsfile", "declarative.Jenkinsfile", "release.Jenkinsfile"),
        *("docker-agent.Jenkinsfile", "kubernetes.Jenkinsfile", "images.Jenkinsfile"),
    }


def test_the_guide_names_only_options_that_there_are() -> None:
    known = options_in_groovy().keys() | own_options()
    table = GUIDE.partition("| option |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.M)) == own_options()
    calls = [
        text
        for path in EXAMPLES.iterdir()
        for text in re.findall(r"ecrPush\((.*?)^ *\)", path.read_text(), re.M | re.S)
    ]
    assert calls and all(name in known for text in calls for name in re.findall(r"^ +(\w+): ", text, re.M))


def test_what_a_run_for_several_images_returns() -> None:
    images = [
        {"name": "api", "status": "accepted", "image": "h/api@sha256:1"},
        {"name": "web", "status": "refused", "image": None},
        {"name": "job", "status": "unchanged", "image": None},
    ]
    returned = answer.answer({"status": "refused", "exitCode": 10, "images": images}, 10)
    assert (returned["images"], returned["image"]) == ({"api": "h/api@sha256:1"}, None)
    assert returned["verdicts"] == {"api": "accepted", "web": "refused"}
    assert returned["message"] == "refused: api accepted, web refused of 3 (exit code 10)"


def test_the_jobs_of_a_matrix() -> None:
    jobs = [{"name": "base api", "only": ["base", "api"]}]
    images = [{"name": "api", "changed": True, "why": "x", "tag": None}]
    returned = answer.answer({"status": "planned", "exitCode": 0, "matrix": jobs, "images": images}, 0)
    assert returned["matrix"] == jobs and returned["images"] == {}
    assert answer.answer({}, 2)["matrix"] == []
