"""The Jenkins library, really executed: Groovy 2.4, whole Jenkinsfiles, the real CLI, engine and registry.

What Jenkins itself would add is not available here: the CPS interpreter, the script sandbox, real plugins.
CodeNarc's rules stand in for the first, a list of what may be called in test_jenkins_step.py for the second;
docs/jenkins.md says so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.bundles import made_bundle
from tests.support.command_line import shows_a_token
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.jenkins.builds import (
    EXAMPLES,
    HERE,
    LIBRARY,
    PIPELINES,
    Built,
    Scenario,
    agent_of_this_machine,
    compile_groovy,
    play,
    released_library,
    violations,
)
from tests.support.registry import Registry, client_of, remove_images
from tests.support.running_services import Services, running_services

pytestmark = pytest.mark.usefixtures("engine")

# What the step and the CLI need of an agent, besides Python; uv is not among it.
PROGRAMS = (
    *("sh", "mktemp", "mkdir", "mv", "find", "rm", "dirname", "git", "docker"),
    *("uname", "sed", "awk", "tr", "cat"),
)
REGION = "eu-west-1"
# The builds with the library of main, which installs the CLI: with uv and without, side by side, aborted. The
# others have that of a release, as users do.
INSTALLED = {"bare", "trapped", "no python", "parallel", "aborted", "sandbox"}
HOSTILE_BRANCH = "x\"$(touch pwned)'`touch pwned`"
# What a checkout can hold to be run instead of the real thing.
TRAPS = {
    **dict.fromkeys(
        (
            *("pip/__init__.py", "pip/__main__.py", "venv/__init__.py", "venv/__main__.py"),
            *("ecr_push/__init__.py", "ecr_push/cli/__init__.py", "ecr_push/cli/__main__.py"),
            *("unpack.py", "json.py", "zlib.py"),
            *("sitecustomize.py", "usercustomize.py"),
        ),
        "raise SystemExit('the workspace was run')\n",
    ),
    "uv.toml": "no-index = true\n",
    "pip.conf": "[global]\nno-index = true\n",
}


@dataclass(frozen=True)
class Farm:
    """The registry and what was built into it, by scenario."""

    registry: Registry
    builds: dict[str, Built]
    served: list[str]  # the images that the examples' service of ECS runs in the end

    def __getitem__(self, name: str) -> Built:
        return self.builds[name]


@pytest.fixture(scope="module")
def farm(engine: None, client_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """Every build of this module, played at once."""
    folder = tmp_path_factory.mktemp("jenkins")
    with ExitStack() as undo:
        options = SandboxOptions(region=REGION, scan_delay=0.0)  # as the examples have it
        sandbox = undo.enter_context(Sandbox(options))
        mute = undo.enter_context(Sandbox(options))
        gate = undo.enter_context(Gate())
        undo.callback(remove_images, sandbox.host, sandbox.public_host, mute.host, mute.public_host)
        mute.faults.play(parse_scenario("scan: {statuses: [FINDINGS_UNAVAILABLE]}"))
        registry = Registry(sandbox, client_of(sandbox, folder / "clients", client_path))
        mute_registry = Registry(mute, registry.client)
        for name in ("app", "refused", "hostile", "secret", "api", "web", "late", "lean", "bad", "verified"):
            registry.create(f"team/{name}")
        mute_registry.create("team/app")
        services = undo.enter_context(running_services())
        services.serve(f"{sandbox.host}/team/app:1.1.0", REGION)
        library = released_library(folder / "library", made_bundle())
        scenarios = World(folder, sandbox, mute, gate, services, library).scenarios()
        yield Farm(registry, play(scenarios, folder), services.served(REGION))


@dataclass(frozen=True)
class World:
    folder: Path
    sandbox: Sandbox
    mute: Sandbox
    gate: Gate
    services: Services
    released: Path

    def repository(self, name: str, files: images.Files, version: str = "1.4.2") -> GitRepository:
        made = GitRepository.init(self.folder / "repositories" / name)
        made.commit("feat: the first", {**files, "NAME": name})
        made.tag(f"v{version}")
        return made

    def scenario(self, name: str, file: Path, repository: GitRepository, **more: object) -> Scenario:
        agent = agent_of_this_machine(self.folder, self.sandbox.environment)
        workspace = self.folder / "workspaces" / name
        made = Scenario(file, workspace, f"file://{repository.root}", agent)
        return replace(made, **more)  # type: ignore[arg-type]

    def scenarios(self) -> dict[str, Scenario]:
        clean = self.repository("clean", images.CLEAN)
        other = self.repository("other", images.CLEAN, "1.2.0")  # for the same registry's repository
        third = self.repository("third", images.CLEAN, "1.3.0")
        vulnerable = self.repository("vulnerable", images.VULNERABLE, "1.1.0")
        broken = self.repository("broken", {**images.CLEAN, "Dockerfile": "FROM scratch\nCOPY gone /\n"})
        late = self.repository("late", images.waiting_for(self.gate.url))
        trapped = self.repository("trapped", {**images.CLEAN, **TRAPS})
        several = self.repository(
            "several",
            {f"{name}/{path}": text for name in ("api", "web") for path, text in images.CLEAN.items()},
        )
        remote = several.clone(self.folder / "repositories" / "several.git", "--bare")
        keys = {
            "AWS_ACCESS_KEY_ID": self.sandbox.environment["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": self.sandbox.environment["AWS_SECRET_ACCESS_KEY"],
        }
        aws = {
            "accessKeyVariable": keys["AWS_ACCESS_KEY_ID"],
            "secretKeyVariable": keys["AWS_SECRET_ACCESS_KEY"],
        }
        store = {
            "push": aws,
            "push-team-app": aws,
            "deploy-team-app": aws,
            "note": {"variable": "a note to hide"},
            "git-push": {"GIT_ASKPASS": "/bin/false"},
        }

        def plain(name: str, of: GitRepository, **environment: str) -> Scenario:
            given = {"REPOSITORY": "team/bad", "FAIL_ON": "high", **environment}
            return self.scenario(name, PIPELINES / "plain.Jenkinsfile", of, environment=given)

        made = {
            "scripted": self.scenario("scripted", EXAMPLES / "scripted.Jenkinsfile", clean),
            "declarative": self.scenario(
                "declarative", EXAMPLES / "declarative.Jenkinsfile", other, credentials=store
            ),
            "unstable": self.scenario(
                "unstable", EXAMPLES / "declarative.Jenkinsfile", vulnerable, credentials=store
            ),
            "release": self.scenario("release", EXAMPLES / "release.Jenkinsfile", remote, credentials=store),
            "refused": self.scenario("refused", PIPELINES / "refused.Jenkinsfile", vulnerable),
            "options": self.scenario("options", PIPELINES / "options.Jenkinsfile", clean),
            "bare": self.scenario(
                "bare",
                EXAMPLES / "scripted.Jenkinsfile",
                third,
                missing=("junit", "publishHTML", "sarif"),
                broken=("archiveArtifacts",),
            ),
            "windows": self.scenario("windows", EXAMPLES / "scripted.Jenkinsfile", clean, unix=False),
            "verify": self.scenario("verify", PIPELINES / "verify.Jenkinsfile", clean),
            "hostile": self.scenario(
                "hostile",
                PIPELINES / "hostile.Jenkinsfile",
                clean,
                environment={"BRANCH_NAME": HOSTILE_BRANCH},
            ),
            "credentials": self.scenario(
                "credentials", PIPELINES / "credentials.Jenkinsfile", clean, credentials=store
            ),
            "parallel": self.scenario("parallel", PIPELINES / "parallel.Jenkinsfile", several),
            "aborted": self.scenario(
                "aborted", PIPELINES / "aborted.Jenkinsfile", late, abort_on="buildx build"
            ),
            "sandbox": self.scenario("sandbox", PIPELINES / "sandbox.Jenkinsfile", clean),
            "settings": plain("settings", clean, FAIL_ON="hgih"),
            "build": plain("build", broken),
            "registry": plain("registry", clean, REPOSITORY="team/nowhere"),
            "scan": plain("scan", clean, REPOSITORY="team/app"),
            "trapped": plain("trapped", trapped, REPOSITORY="team/lean"),
            "no python": plain("no python", clean),
        }
        for name in ("declarative", "unstable"):
            made[name] = replace(made[name], agent={**made[name].agent, **self.services.environ})
        secret = made["credentials"].agent
        without = {name: value for name, value in secret.items() if name not in keys}
        made["credentials"] = replace(made["credentials"], agent=without)
        made["scan"] = replace(made["scan"], agent={**made["scan"].agent, **self.mute.environment})
        lean = programs(self.folder / "lean", "python3")
        made["trapped"] = replace(
            made["trapped"], agent={**made["trapped"].agent, "PATH": lean, "HOME": "/nowhere"}
        )
        bare = programs(self.folder / "bare")
        made["no python"] = replace(made["no python"], agent={**made["no python"].agent, "PATH": bare})
        for name in made.keys() - INSTALLED:
            made[name] = replace(made[name], library=self.released)
        return made


def programs(folder: Path, *more: str) -> str:
    """A PATH of these programs alone."""
    folder.mkdir()
    for name in (*PROGRAMS, *more):
        found = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin") or shutil.which(name)
        assert found, name
        (folder / name).symlink_to(Path(found).resolve() if name != "python3" else found)
    return str(folder)


def released(farm: Farm, name: str) -> set[str]:
    return set(farm.registry.released(f"team/{name}"))


# ------------------------------------------------------------------------- accepted


def test_a_scripted_pipeline_gets_the_image_and_what_is_to_say_of_it(farm: Farm) -> None:
    built = farm["scripted"]
    assert (built.result, built.error) == ("SUCCESS", ""), built.log
    image = built.image
    commit = built.workspace
    sha = subprocess.run(
        ["git", "-C", commit, "rev-parse", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    assert image["tags"] == [f"sha-{sha[:12]}", "1.4.2", "1.4", "1", "latest"]
    assert image["digest"] == farm.registry.tags("team/app")["1.4.2"]
    assert image["image"] == f"{farm.registry.sandbox.host}/team/app@{image['digest']}"
    assert (image["version"], image["verdict"], image["exitCode"]) == ("1.4.2", "accepted", 0)
    assert set(image["counts"].values()) == {0} and "CRITICAL" in image["counts"]
    assert f"{image['image']} is 1.4.2, tagged sha-" in built.log
    document = json.loads(Path(image["result"]).read_text())
    assert document["image"]["reference"] == image["image"]
    assert document["tool"]["version"] and document["run"]["url"].endswith("/job/scripted/1/")
    assert {name: Path(path).exists() for name, path in image["reports"].items()} == {
        "junit": True,
        "html": True,
        "sarif": True,
    }


@pytest.mark.parametrize("name", ["scripted", "bare"])
def test_nothing_is_left_but_the_reports_and_nothing_in_the_workspace(farm: Farm, name: str) -> None:
    built = farm[name]
    folder = Path(built.image["result"]).parent
    assert {path.name for path in folder.iterdir()} == {
        *("ecr-push.json", "ecr-push-team-app.xml", "ecr-push-team-app.html", "ecr-push-team-app.sarif"),
    }
    assert built.workspace not in folder.parents
    status = subprocess.run(
        ["git", "-C", built.workspace, "status", "--porcelain"], capture_output=True, text=True
    )
    assert status.stdout == ""


def test_what_it_tells_is_published_wherever_there_is_a_plugin(farm: Farm) -> None:
    built = farm["scripted"]
    assert built.steps == ["junit", "publishHTML", "recordIssues", "archiveArtifacts"]
    assert ElementTree.fromstring(built.files("junit")["ecr-push-team-app.xml"]).attrib["failures"] == "0"
    assert json.loads(built.files("recordIssues")["ecr-push-team-app.sarif"])["version"] == "2.1.0"
    assert set(built.files("archiveArtifacts")) == {
        f"ecr-push-team-app.{end}" for end in ("xml", "html", "sarif")
    }


def test_a_missing_or_failing_plugin_costs_a_line_of_the_log(farm: Farm) -> None:
    built = farm["bare"]
    assert built.result == "SUCCESS", built.log
    assert built.steps == []
    for step in ("junit", "publishHTML", "recordIssues"):
        assert f"ecrPush: {step} skipped: its plugin is not installed" in built.log
    assert "ecrPush: archiveArtifacts failed: archiveArtifacts is broken" in built.log


def test_a_declarative_pipeline_deploys_what_was_accepted(farm: Farm) -> None:
    built = farm["declarative"]
    assert built.result == "SUCCESS", built.log
    image, deployed = (one["value"] for one in built.returned)
    assert (image["verdict"], deployed["verdict"]) == ("accepted", "deployed")
    assert farm.served == [image["image"]] == [deployed["image"]]


def test_images_of_one_workspace_are_built_side_by_side(farm: Farm) -> None:
    built = farm["parallel"]
    assert built.result == "SUCCESS", built.log
    digests = {
        one["value"]["image"].split("@")[0].split("/")[-1]: one["value"]["digest"] for one in built.returned
    }
    assert digests == {name: farm.registry.tags(f"team/{name}")["1.4.2"] for name in ("api", "web")}
    folders = {Path(one["value"]["result"]).parent for one in built.returned}
    assert len(folders) == 2
    # `dir` puts its temporary folder into the workspace: it must not make the version a dirty one.
    assert {one["value"]["version"] for one in built.returned} == {"1.4.2"}
    issues = [one["arguments"]["tools"][0]["id"] for one in built.published if one["step"] == "recordIssues"]
    assert sorted(issues) == ["ecr-push-team-api", "ecr-push-team-web"]
    assert (built.workspace / "web.md").read_text().startswith("## ✅ Accepted")


def test_releases_set_their_git_tags(farm: Farm) -> None:
    built = farm["release"]
    assert built.result == "SUCCESS", built.log
    remote = built.workspace.parents[1] / "repositories" / "several.git"
    tags = subprocess.run(["git", "-C", remote, "tag"], capture_output=True, text=True).stdout.split()
    made = [one["value"] for one in built.returned]
    assert sorted(one["gitTag"].partition("/")[0] for one in made) == ["api", "web"]
    for one in made:
        name = one["gitTag"].partition("/")[0]
        assert one["gitTag"] == f"{name}/v{one['version']}" and one["gitTag"] in tags
        assert one["version"] in released(farm, name)


def test_an_image_is_verified_before_it_is_deployed(farm: Farm) -> None:
    built = farm["verify"]
    released, verified = (one["value"] for one in built.returned)
    assert (verified["verdict"], verified["image"]) == ("verified", released["image"]), built.log
    host = farm.registry.sandbox.host
    assert built.error.startswith(f"ecrPush: not-verified {host}/team/verified@sha256:"), built.log
    assert "verdict: " in built.error and built.error.endswith("(exit code 12)")


def test_the_sandbox_needs_no_registry(farm: Farm) -> None:
    built = farm["sandbox"]
    assert built.result == "SUCCESS", built.log
    assert built.image["image"].startswith("127.0.0.1:")
    assert farm.registry.sandbox.host not in built.image["image"]


# ------------------------------------------------------------------------- refused


def test_a_refused_image_fails_the_build_with_its_reports_published(farm: Farm) -> None:
    built = farm["refused"]
    assert built.result == "FAILURE"
    host = farm.registry.sandbox.host
    assert built.error.startswith(f"ecrPush: refused {host}/team/refused@sha256:"), built.log
    assert built.error.endswith("no finding of HIGH or worse, 1 found (exit code 10)")
    assert released(farm, "refused") == set()
    assert "after the step" in built.log
    assert built.steps == ["junit", "publishHTML", "recordIssues", "archiveArtifacts"]
    assert "CVE-2020-14343" in built.files("recordIssues")["ecr-push-the-app.sarif"]
    assert ElementTree.fromstring(built.files("junit")["ecr-push-the-app.xml"]).attrib["failures"] != "0"
    assert built.returned == []


def test_a_refused_image_can_make_the_build_unstable(farm: Farm) -> None:
    built = farm["unstable"]
    assert (built.result, built.error) == ("UNSTABLE", ""), built.log
    image = built.image
    assert (image["image"], image["verdict"], image["exitCode"]) == (None, "refused", 10)
    assert image["digest"].startswith("sha256:") and image["tags"] == []
    assert image["counts"]["CRITICAL"] == 1
    assert image["candidate"].startswith("candidate-")
    assert "stage: Deploy is skipped" in built.log
    assert "WARNING: ecrPush: refused" in built.log
    assert "The image was refused: see the report" in built.log


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        (
            "settings",
            2,
            "failed in phase settings: the settings are wrong: - ECR_PUSH_FAIL_ON: 'hgih' is not a severity",
        ),
        ("build", 3, "failed in phase build: "),
        ("registry", 4, "failed in phase registry: there is no repository "),
        ("scan", 5, "no-answer in phase scan: "),
    ],
)
def test_each_way_to_fail_has_its_exit_code_and_its_reason(
    farm: Farm, name: str, code: int, text: str
) -> None:
    built = farm[name]
    assert built.result == "FAILURE"
    assert built.error.startswith(f"ecrPush: {text}"), built.log
    assert built.error.endswith(f"(exit code {code})")
    # A file without results would close every issue that is known.
    assert "recordIssues" not in built.steps and "archiveArtifacts" in built.steps
    assert built.files("junit")


def test_settings_are_judged_by_the_cli(farm: Farm) -> None:
    assert "ECR_PUSH_FAIL_ON: 'hgih' is not a severity" in farm["settings"].log


def test_all_wrong_options_are_reported_at_once_and_nothing_runs(farm: Farm) -> None:
    built = farm["options"]
    assert built.result == "FAILURE"
    reported = set(built.error.removeprefix("ecrPush: ").split("; ")) | {built.error}
    for problem in (
        "regoin: there is no such option",
        "colour: there is no such option",
        "repository: expected a text",
        "platform: expected texts, not lists or maps, as its values",
        "buildArg: a value contains a line break, which separates values: give a list",
        "tag: a value contains ',', which separates values: give a list",
        "publish: expected true or false",
        "unstableOn: 'refuse' is not one of refused, test-failed, no-answer, not-verified",
    ):
        assert problem in reported, built.error
    for hint in ("'region'?", "'failOn'?", "'refused'?"):
        assert f"did you mean {hint}" in reported
    assert built.error.count("did you mean") == 3
    assert "it is label here" in reported
    assert built.shells == []


def test_an_agent_without_sh_is_an_error_that_says_so(farm: Farm) -> None:
    built = farm["windows"]
    assert "needs an agent with sh, git and docker" in built.error
    assert not any((one["label"] or "").startswith("ecr-push") for one in built.shells)


# ------------------------------------------------------------------------- safety


def test_values_arrive_as_they_are(farm: Farm) -> None:
    built = farm["hostile"]
    assert built.result == "SUCCESS", built.log
    labels = farm.registry.labels(built.image["image"])
    assert {name: labels[name] for name in ("quotes", "shell", "branch", "unicode", "equals", "number")} == {
        "quotes": 'it\'s "quoted"',
        "shell": "$(touch pwned) `touch pwned`; touch pwned",
        "branch": f"of {HOSTILE_BRANCH}",
        "unicode": "grün → ✓",
        "equals": "a=b=c",
        "number": "3",
    }
    assert built.image["tags"] == ["first", "second"]
    assert not list(built.workspace.parent.rglob("pwned"))


def test_only_the_cli_sees_the_credentials(farm: Farm) -> None:
    built = farm["credentials"]
    assert built.result == "SUCCESS", built.log
    seeing = [
        one["label"] for one in built.shells if {"AWS_SECRET_ACCESS_KEY", "NOTE"} & set(one["variables"])
    ]
    assert seeing == ["ecr-push run"]
    assert "then no key and no note" in built.log
    assert built.steps == [] and built.image["reports"] == {}


def test_no_log_shows_a_secret(farm: Farm) -> None:
    for built in farm.builds.values():
        assert not shows_a_token(built.log)
        assert "a note to hide" not in built.log


def test_nothing_of_the_workspace_is_run_and_pip_does_without_uv(farm: Farm) -> None:
    built = farm["trapped"]
    assert built.result == "SUCCESS", built.log
    assert "1.4.2" in released(farm, "lean")


def test_an_agent_without_python_is_an_error_that_says_so(farm: Farm) -> None:
    built = farm["no python"]
    assert built.result == "FAILURE"
    assert "could not install ecr-push on this agent" in built.error
    assert "this agent has no Python 3.10 or later on its PATH" in built.log


def test_an_abort_is_passed_on_once_the_cli_has_cleaned_up(farm: Farm) -> None:
    built = farm["aborted"]
    assert built.result == "ABORTED", built.log
    assert "INTERRUPTED" in built.log and "post: aborted" in built.log
    assert "this must not be reached" not in built.log
    assert released(farm, "late") == set()
    # What is known is published, and what was installed is gone.
    assert 'type="interrupted"' in built.files("junit")["ecr-push-team-late.xml"]
    (folder,) = (built.workspace.parent / "aborted@tmp" / "ecr-push").iterdir()
    assert not (folder / "cli").exists()


# ------------------------------------------------------------------------- CodeNarc


def test_codenarc_finds_nothing_in_the_library_and_each_planted_mistake(
    tmp_path: Path,
) -> None:
    planted, rules = HERE / "codenarc" / "planted", HERE / "codenarc" / "rules.groovy"
    compile_groovy(tmp_path, [HERE / "stubs", LIBRARY / "src", planted])
    files, found = violations(LIBRARY, tmp_path, rules)
    assert (files, found) == (len(list(LIBRARY.rglob("*.groovy"))), set())
    assert violations(EXAMPLES, tmp_path, rules) == (len(list(EXAMPLES.iterdir())), set())
    names = {path.name for path in planted.iterdir()}
    assert violations(planted, tmp_path, rules) == (
        len(names),
        {(name, name.removesuffix(".groovy")) for name in names},
    )
