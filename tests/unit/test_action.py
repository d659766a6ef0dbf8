"""action.yml, held to the settings and to the outputs that the code sets."""

from __future__ import annotations

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

import pytest
import yaml

from ecr_push.report.ci.github import OUTPUTS
from ecr_push.settings import declare as declared
from ecr_push.settings.action_inputs import ALIASES, variable
from tests.support.paths import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
[STEP] = ACTION["runs"]["steps"]
SCRIPT = (ROOT / "github" / "step.sh").read_text(encoding="utf-8")
OWN = {"command": "COMMAND", "arguments": "ARGUMENTS", "working-directory": "WORKING_DIRECTORY"}
PEERS = {name: variable(name) for name in ALIASES}
EXAMPLES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "examples/github").glob("*.yml")}


def test_it_is_what_the_settings_give() -> None:
    loader = SourceFileLoader("render_action", str(ROOT / "scripts" / "render-action"))
    spec = spec_from_loader("render_action", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    assert module.main(["--check"]) == 0, "run .venv/bin/python scripts/render-action"


def test_inputs_are_described_as_inputs_and_not_as_flags() -> None:
    for name, one in ACTION["inputs"].items():
        assert not re.search(r"--[a-z]|\[default: (yes|no)\]|default: [^]]*\bDIR\b", one["description"]), name


def test_every_setting_of_a_run_is_an_input_by_its_name_in_the_file() -> None:
    assert {declared.key(one) for one in declared.options("run")} <= set(ACTION["inputs"])


def test_every_input_reaches_the_step_by_the_environment() -> None:
    """GitHub gives a composite action's steps no INPUT_…, unlike act."""
    handed_on = {
        match[1]: of_step
        for of_step, value in STEP["env"].items()
        if (match := re.match(r"\$\{\{ inputs\.([a-z-]+)", value))
    }
    settings = {declared.key(one): declared.environment_name(one) for one in declared.options()}
    assert set(handed_on) == set(ACTION["inputs"])
    assert handed_on == {name: ({**OWN, **PEERS}).get(name) or settings[name] for name in ACTION["inputs"]}


def test_an_input_that_is_not_given_leaves_the_other_places_alone() -> None:
    """An empty variable counts as none; the workflow's own one, and ecr-push.yml, then hold."""
    for name, one in ACTION["inputs"].items():
        assert name in OWN or one["default"] == ""
    for name, value in STEP["env"].items():
        assert name in {*OWN.values(), *PEERS.values()} or value.endswith(f" || env.{name} }}}}")


def test_nothing_is_put_into_a_script() -> None:
    assert "${{" not in STEP["run"] + SCRIPT


def test_the_outputs_are_those_that_are_set() -> None:
    assert list(ACTION["outputs"]) == list(OUTPUTS)
    for name, one in ACTION["outputs"].items():
        assert one["value"] == f"${{{{ steps.{STEP['id']}.outputs.{name} }}}}"


def test_the_script_sets_outputs_that_there_are() -> None:
    lines = [line for line in SCRIPT.replace("\\\n", "").splitlines() if line.endswith('>>"$GITHUB_OUTPUT"')]
    early = re.findall(r"[' ]([a-z-]+)=", "\n".join(lines))
    assert {"verdict", "exit-code"} < set(early) <= set(OUTPUTS)


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.M))


def test_the_step_installs_what_the_tests_ran_with() -> None:
    run, base = locked("run"), locked("base")
    assert run.items() <= base.items()
    assert "boto3" in run and not {"werkzeug", "cheroot", "hatchling"} & set(run)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_use_inputs_and_outputs_that_there_are(name: str) -> None:
    workflow = yaml.safe_load(EXAMPLES[name])
    for job in workflow["jobs"].values():
        ours = [one for one in job.get("steps", ()) if one.get("uses", "").startswith("ecr-push/ecr-push@")]
        for step in ours:
            assert set(step["with"]) <= set(ACTION["inputs"])
            used = re.findall(rf"steps\.{step.get('id', 'none')}\.outputs\.([a-z-]+)", EXAMPLES[name])
            assert set(used) <= set(OUTPUTS)
        assert ours or "uses" in job or "needs" in job


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_documentation_shows_the_examples_as_they_are(name: str) -> None:
    names = ("github.md", "github-workflows.md", "monorepo.md")
    pages = [(ROOT / "docs" / page).read_text(encoding="utf-8") for page in names]
    assert f"```yaml\n{EXAMPLES[name]}```\n" in "".join(pages)
