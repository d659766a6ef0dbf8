"""What the Jenkins step does around the CLI, for which a stand-in is enough: see jenkins/stand_in.py."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.jenkins.builds import EXAMPLES, HERE, Built, Scenario, play
from tests.support.jenkins.stand_in import (
    CLEANS_UP,
    CODE,
    ENDS,
    NOT_VERIFIED,
    PLANNED,
    REFERENCE,
    REFUSED,
    TEST_FAILED,
    StandIn,
)

CALL = "node { ecrPush(repository: 'team/app') }"
VERIFIES = """node { ecrPush(
    command: 'verify', arguments: 'team/app:*', require: ['verdict'], unstableOn: 'not-verified'
) }"""
PROMOTES = "node { ecrPush(command: 'promote', arguments: ['team/app:1', '-x', 'a b']) }"
DEPLOYS = "node { ecrPush(command: 'deploy ecs', arguments: 'team/app:1', service: 'shop', verify: true) }"
SEVERAL = "node { ecrPush(command: 'matrix', changed: true) }"
MATRIX: Mapping[str, Any] = {"status": "planned", "matrix": [{"name": "base api", "only": ["base", "api"]}]}
IMAGES: Mapping[str, Any] = {
    "status": "refused",
    "images": [
        {"name": "api", "status": "accepted", "image": REFERENCE},
        {"name": "web.ui", "status": "refused", "image": None},
        {"name": "job", "status": "failed", "image": None},
        {"name": "old", "status": "unchanged", "image": None},
    ],
}
# As the CLI names the reports of several images.
REPORTS_OF_EACH = """printf '%s\\n' "$ECRPUSH_JOB_REPORTS" | while IFS== read -r format path; do
    for name in api web.ui job; do echo "$format of $name" >"${path%/*}/$name-${path##*/}"; done
done
printf '%s' "$STAND_IN_DOCUMENT"; exit "$STAND_IN_CODE"
"""
SHOWS = f'printf "[%s] " "$@" >&2; {ENDS}'
JOBS = (EXAMPLES / "images.Jenkinsfile").read_text(encoding="utf-8")
TELLS_IMAGES = f'printf "[%s of %s] " "$ECRPUSH_COMMAND" "$ECR_PUSH_ONLY" >&2; {ENDS}'
TELLS = f'printf "asked: %s\\nbesides: %s\\n" "$ECR_PUSH_REPORT" "$ECRPUSH_JOB_REPORTS" >&2; {ENDS}'
SANDBOX_WORDS = {"1": "base", "yes": "base", "TRUE": "base", "on": "base", "no": "run", "": "run"}
# A call of each form that the options have, and of each that is refused.
EVERYTHING = """
node {
    ecrPush(
        repository: 'team/app', failOn: 'high', name: 'The App', credentialsId: 'push',
        credentials: [string(credentialsId: 'note', variable: 'NOTE')],
        buildArg: [A: 1, B: "x${1}"], label: ['a=b', "c=${2}"], platform: ['a', 'b'], sandbox: true,
        maxFindings: [critical: 0], unstableOn: ['refused', 'no-answer'], publish: true, report: ['a.md'],
    )
    ecrPush()
}
"""
WRONG = """
node {
    ecrPush(
        regoin: 'x', build_args: 'x', repository: ['a'], platform: [['a']], tag: ['a,b'],
        buildArg: [A: "1\\nB=2"],
        unstableOn: 'refuse', publish: 'yes', version: "a\\u0000", command: 'verfy',
        arguments: ['a', ''],
    )
}
"""


def scenarios(stand_in: StandIn) -> dict[str, Scenario]:
    make, released = stand_in.scenario, stand_in.with_bundle()
    store = {"push": {"accessKeyVariable": "none", "secretKeyVariable": "none"}, "note": {"variable": "n"}}
    twice = "node { ecrPush(repository: 'team/app'); ecrPush(repository: 'team/app', target: 'debug') }"
    made = {
        "everything": make("everything", EVERYTHING, credentials=store),
        "refused": make("refused", CALL.replace(")", ", unstableOn: 'refused')"), REFUSED, 10),
        "test failed": make(
            "test failed", CALL.replace(")", ", unstableOn: 'test-failed')"), TEST_FAILED, 11
        ),
        "wrong": make("wrong", WRONG),
        "failed": make("failed", CALL, REFUSED, 10),
        "verify": make("verify", VERIFIES, NOT_VERIFIED, 12, run=SHOWS),
        "promote": make("promote", PROMOTES, run=SHOWS),
        "deploy": make("deploy", DEPLOYS, run=SHOWS),
        "several": make("several", SEVERAL, MATRIX, run=SHOWS),
        "of each": make(
            *("of each", "node { ecrPush(all: true, name: 'shop', unstableOn: 'refused') }", IMAGES, 10),
            run=REPORTS_OF_EACH,
        ),
        # All nodes have one workspace here, and a stand-in needs no checkout.
        "jobs": make("jobs", JOBS.replace("checkout scm", ""), MATRIX, run=TELLS_IMAGES),
        "no image": make("no image", "node { ecrPush(command: 'scan') }"),
        "an image": make("an image", CALL.replace(")", ", arguments: 'team/app:1')")),
        "windows": make("windows", CALL, unix=False),
        "unpublished": make("unpublished", CALL.replace(")", ", publish: false)")),
        "bare": make("bare", CALL, missing=("junit", "sarif"), broken=("publishHTML",)),
        "planned": make("planned", CALL, PLANNED),
        "unscannable": make("unscannable", CALL, run=f'trap "rm $ECRPUSH_FOLDER/*.sarif" EXIT; {ENDS}'),
        "asked": make("asked", CALL, run=TELLS, environment={"ECR_PUSH_REPORT": "markdown=of-the-job.md"}),
        "twice": make("twice", twice),
        "no dir": make("no dir", CALL, REFUSED, 10, broken=("dir",)),
        "stuck": make("stuck", CALL, environment={"PATH": f"{stand_in.without_rm()}:{os.environ['PATH']}"}),
        "no install": make("no install", CALL, environment={"PATH": "/nowhere"}),
        "gone": make("gone", CALL, broken=("dir", "sh ecr-push run", "sh ecr-push: clean up")),
        "impatient": make("impatient", CALL, run=CLEANS_UP, abort_on="it runs", patience=0.5),
        "gone when aborted": make(
            "gone when aborted",
            CALL,
            run=CLEANS_UP,
            abort_on="it runs",
            broken=("dir", "sh ecr-push: wait for its end", "sh ecr-push: clean up"),
        ),
    }
    for name, needs in {
        "bundle": "needs code.zip",
        "no bundle": "this agent has no Python",
        "bundle lacks": "needs tzdata.zip",
        "bundle asks": "needs ../unpack.py",
    }.items():
        made[name] = make(name, CALL, needs=needs, library=released)
    bare = {"PATH": "/nowhere"}
    made["bundle without Python"] = make("bundle without Python", CALL, library=released, environment=bare)
    made = {name: replace(one, watched=True) for name, one in made.items()}
    for word in SANDBOX_WORDS:
        made[f"option {word}"] = make(f"option {word}", CALL.replace(")", f", sandbox: '{word}')"))
        made[f"variable {word}"] = make(f"variable {word}", CALL, environment={"ECR_PUSH_SANDBOX": word})
    given = {"library": released, "environment": {"ECR_PUSH_SANDBOX": "Yes"}}
    made["sandbox"] = make("sandbox", CALL, **given)
    return made


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Built]:
    folder = tmp_path_factory.mktemp("step")
    return play(scenarios(StandIn.at(folder)), folder)


def folder_of(built: Built) -> Path:
    (folder,) = (built.workspace.parent / f"{built.workspace.name}@tmp" / "ecr-push").iterdir()
    return folder


# ------------------------------------------------------------------------- how it ends


def test_what_the_cli_says_is_what_the_step_returns(builds: Mapping[str, Built]) -> None:
    first, second = (one["value"] for one in builds["everything"].returned)
    assert builds["everything"].result == "SUCCESS", builds["everything"].log
    assert (first["image"], first["tags"], first["counts"]) == (REFERENCE, ["1.4.2"], {"HIGH": 0})
    assert [Path(one).name for one in second["reports"].values()] == [
        f"ecr-push-image.{end}" for end in ("xml", "html", "sarif")
    ]


def test_a_misspelt_option_is_reported_with_a_suggestion(builds: Mapping[str, Built]) -> None:
    assert "regoin: there is no such option; did you mean 'region'?" in builds["wrong"].error
    assert "build_args: there is no such option; it is buildArg here" in builds["wrong"].error


@pytest.mark.parametrize("name", ["no dir", "gone"])
def test_a_failure_is_reported_although_nothing_can_be_published(
    builds: Mapping[str, Built], name: str
) -> None:
    reasons = {"no dir": f"ecrPush: refused {REFERENCE}: a reason (exit code 10)", "gone": "sh is broken"}
    assert builds[name].result == "FAILURE"
    assert reasons[name] in builds[name].error
    assert "ecrPush: publishing failed: dir is broken" in builds[name].log


def test_what_was_installed_is_removed_although_nothing_can_be_published(
    builds: Mapping[str, Built],
) -> None:
    assert not (folder_of(builds["no dir"]) / "cli").exists()


def test_a_released_image_is_released_although_something_stays(builds: Mapping[str, Built]) -> None:
    built = builds["stuck"]
    assert (built.result, built.image["image"]) == ("SUCCESS", REFERENCE), built.log
    assert "ecrPush: could not clean up " in built.log


def test_an_agent_that_is_gone_keeps_what_was_installed(builds: Mapping[str, Built]) -> None:
    assert "ecrPush: cleaning up failed: sh is broken" in builds["gone"].log


def test_an_abort_stays_one_although_the_agent_is_gone(builds: Mapping[str, Built]) -> None:
    assert builds["gone when aborted"].result == "ABORTED", builds["gone when aborted"].log


def test_a_slow_clean_up_keeps_the_folder_that_the_cli_runs_from(
    builds: Mapping[str, Built],
) -> None:
    built = builds["impatient"]
    assert built.result == "ABORTED", built.log
    assert built.files("junit")["ecr-push-team-app.xml"] == "late junit\n"
    assert not (folder_of(built) / "cli").exists()


def test_a_test_that_failed_makes_the_build_unstable_where_that_is_asked_for(
    builds: Mapping[str, Built],
) -> None:
    built = builds["test failed"]
    assert built.result == "UNSTABLE", built.log
    assert f"test-failed {REFERENCE}: ./b.sh: exit code 3 (exit code 11)" in built.log


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("verify", "[verify] [--output] [json] [--] [team/app:*] "),
        ("deploy", "[deploy] [ecs] [--output] [json] [--] [team/app:1] "),
        ("promote", "[promote] [--output] [json] [--] [team/app:1] [-x] [a b] "),
    ],
)
def test_another_command_gets_its_arguments_as_they_are(
    builds: Mapping[str, Built], name: str, words: str
) -> None:
    assert words in builds[name].log, builds[name].log


def test_an_image_that_is_not_verified_makes_the_build_unstable_where_that_is_asked_for(
    builds: Mapping[str, Built],
) -> None:
    built = builds["verify"]
    assert (built.result, built.image["image"]) == ("UNSTABLE", None), built.log
    assert "not-verified team/app:1.4.2: signature: there is none (exit code 12)" in built.log


def test_the_images_that_changed_are_jobs_and_nothing_is_published(builds: Mapping[str, Built]) -> None:
    built = builds["several"]
    assert built.result == "SUCCESS", built.log
    assert "[matrix] [--output] [json] [--] " in built.log
    assert [one["value"]["matrix"] for one in built.returned] == [MATRIX["matrix"]]
    assert built.returned[0]["value"]["reports"] == {}


def test_the_example_has_a_job_for_the_images_that_need_each_other(builds: Mapping[str, Built]) -> None:
    built = builds["jobs"]
    assert built.result == "SUCCESS", built.log
    assert "[matrix of ] " in built.log and "[run of base,api] " in built.log, built.log
    assert [Path(one).name for one in built.returned[1]["value"]["reports"].values()] == [
        f"ecr-push-base-api.{end}" for end in ("xml", "html", "sarif")
    ]


def test_arguments_are_checked_before_anything_runs(builds: Mapping[str, Built]) -> None:
    assert "command: 'verfy' is not one of run, matrix, scan, promote, verify, deploy ecs" in (
        builds["wrong"].error
    )
    assert "arguments: a value is empty, or has a line break" in builds["wrong"].error
    assert builds["no image"].error == "ecrPush: arguments: scan needs an image"
    assert builds["an image"].error == "ecrPush: arguments: run takes none; its settings are options"


# ------------------------------------------------------------------------- what is published


@pytest.mark.parametrize(
    ("name", "recorded"), [("everything", 2), ("refused", 1), ("test failed", 1), ("planned", 0)]
)
def test_issues_are_recorded_where_an_image_was_judged(
    builds: Mapping[str, Built], name: str, recorded: int
) -> None:
    """Nothing is open after an empty list: a fork's check and a dry run have one, and exit code 0."""
    assert builds[name].steps.count("recordIssues") == recorded
    assert builds[name].steps.count("junit") == max(recorded, 1)


def test_no_issue_is_closed_by_a_list_that_was_not_written(builds: Mapping[str, Built]) -> None:
    built = builds["unscannable"]
    assert built.result == "SUCCESS", built.log
    assert "recordIssues" not in [one["step"] for one in built.published]


def test_publishing_leaves_the_reports_that_the_job_asked_for(builds: Mapping[str, Built]) -> None:
    log = builds["asked"].log
    assert "asked: markdown=of-the-job.md" in log, log
    assert re.search(r"besides: junit=/.*\.xml$", log, re.M), log


def test_two_images_of_one_name_do_not_share_their_reports(builds: Mapping[str, Built]) -> None:
    built = builds["twice"]
    assert built.result == "SUCCESS", built.log
    issues = [one["arguments"]["tools"][0]["id"] for one in built.published if one["step"] == "recordIssues"]
    pages = [
        one["arguments"]["target"]["reportName"] for one in built.published if one["step"] == "publishHTML"
    ]
    assert issues == ["ecr-push-team-app", "ecr-push-team-app-2"]
    assert pages == ["ecr-push team-app", "ecr-push team-app 2"]


def test_of_several_images_each_has_its_page_and_its_issues(builds: Mapping[str, Built]) -> None:
    built = builds["of each"]
    assert built.result == "UNSTABLE", built.log
    assert built.image["verdicts"] == {"api": "accepted", "web.ui": "refused", "job": "failed"}
    assert built.steps == ["junit", "publishHTML", "recordIssues", "recordIssues", "archiveArtifacts"]
    of = {name: f"{name}-ecr-push-shop" for name in ("api", "web.ui", "job")}
    assert set(built.files("junit")) == {f"{stem}.xml" for stem in of.values()}
    assert built.files("publishHTML") == {f"{stem}.html": f"html of {name}\n" for name, stem in of.items()}
    (page,) = (one["arguments"]["target"] for one in built.published if one["step"] == "publishHTML")
    assert (page["reportName"], page["reportTitles"]) == ("ecr-push shop", "api,job,web.ui")
    # A failed image has an empty list, which would close its issues. web-ui would be another one.
    assert [one["arguments"]["tools"] for one in built.published if one["step"] == "recordIssues"] == [
        [{"$class": "Sarif", "pattern": f"{of[name]}.sarif", "id": id_, "name": f"ecr-push shop {name}"}]
        for name, id_ in (("api", "ecr-push-shop-api"), ("web.ui", "ecr-push-shop-web.ui"))
    ]
    assert len(built.files("archiveArtifacts")) == 9


# ------------------------------------------------------------------------- what is installed


@pytest.mark.parametrize(("word", "lock"), SANDBOX_WORDS.items())
def test_the_sandboxs_packages_are_installed_for_every_word_for_yes(
    builds: Mapping[str, Built], word: str, lock: str
) -> None:
    for given in ("option", "variable"):
        assert f"the lock is {lock}.txt" in builds[f"{given} {word}"].log


# ------------------------------------------------------------------------- the bundle


def test_a_bundle_is_handed_over_byte_by_byte_and_kept(builds: Mapping[str, Built]) -> None:
    built = builds["bundle"]
    assert (built.result, built.image["image"]) == ("SUCCESS", REFERENCE), built.log
    handed_over = [Path(one).name for one in built.writes]
    assert handed_over == [
        *("clean-up.sh", "environment.sh", "answer.py", "SHA256SUMS", "start.py", "code.zip"),
    ]
    kept, run = sorted((built.workspace.parent / "bundle@tmp" / "ecr-push").iterdir())
    assert [path.read_bytes() for path in kept.iterdir()] == [CODE]
    assert {path.name for path in run.iterdir()} == {
        *("ecr-push.json", "ecr-push-team-app.xml", "ecr-push-team-app.html", "ecr-push-team-app.sarif"),
    }


def test_a_bundle_needs_no_more_scripts_than_an_installation(builds: Mapping[str, Built]) -> None:
    """A second each, on a controller."""
    shells = {name: [one["label"] for one in builds[name].shells] for name in ("bundle", "bare")}
    assert shells["bundle"] == ["ecr-push: look for Python", "ecr-push run", "ecr-push: read the result"]
    assert len(shells["bare"]) == 3


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("no bundle", "ecrPush: this agent has no Python (exit code 2)"),
        ("bundle without Python", "ecrPush: this agent has no Python 3.10 or later in its PATH. To do: "),
        ("bundle lacks", "No such library resource io/ecrpush/bundle/tzdata.zip could be found. SHA256SUMS"),
        ("bundle asks", "ecrPush: the bundle has no file ../unpack.py that this agent asks for"),
    ],
)
def test_what_keeps_a_bundle_from_being_run_is_the_builds_error(
    builds: Mapping[str, Built], name: str, error: str
) -> None:
    built = builds[name]
    assert built.result == "FAILURE" and built.returned == []
    assert error in built.error and built.error.endswith("(exit code 2)"), built.log
    assert not any(one["label"] == "ecr-push run" for one in built.shells)


def test_the_sandbox_is_installed_where_the_library_has_a_bundle(builds: Mapping[str, Built]) -> None:
    assert "the lock is base.txt" in builds["sandbox"].log


# ------------------------------------------------------------------------- two users


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user gets at: pytest's own are for one alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def modes(folder: Path) -> set[str]:
    return {oct(path.stat().st_mode & 0o777) for path in folder.glob("ecr-push*")}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")
def test_the_agent_publishes_what_root_wrote_in_a_container(shared: Path) -> None:
    """umask 077 is as strict as it gets; where there is one user it stays as it is."""
    agent = 61000
    stand_in = StandIn.at(shared)
    two = stand_in.scenario("two", CALL, agent_user=agent)
    (shared / "two@tmp").mkdir()
    os.chown(shared / "two@tmp", agent, agent)
    builds = play({"two": two, "one": stand_in.scenario("one", CALL)}, shared, umask=0o077)
    assert builds["two"].result == "SUCCESS", builds["two"].log
    assert builds["two"].steps == ["junit", "publishHTML", "recordIssues", "archiveArtifacts"]
    folder = folder_of(builds["two"])
    assert folder.stat().st_uid == agent and not (folder / "cli").exists()
    assert (modes(folder), modes(folder_of(builds["one"]))) == ({"0o644"}, {"0o600"})


# ------------------------------------------------------------------------- the script sandbox


ALLOWED = HERE / "sandbox" / "allowed.txt"
PLANTED = HERE / "sandbox" / "planted"


def allowed() -> set[str]:
    lines = ALLOWED.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def rejected(built: Built) -> set[str]:
    """Where the script sandbox would end the build, and by what."""
    permitted = allowed()
    return {f"{site}: {names[0]}" for site, *names in built.calls["found"] if not permitted & set(names)}


def test_the_script_sandbox_allows_every_call_of_the_library(builds: Mapping[str, Built]) -> None:
    assert {one for built in builds.values() for one in rejected(built)} == set()


def test_every_call_of_the_library_was_asked_for(builds: Mapping[str, Built]) -> None:
    sites = {one for built in builds.values() for one in built.calls["sites"]}
    reached = {one for built in builds.values() for one in built.calls["reached"]}
    assert len(sites) > 100
    assert sites - reached == set()


def test_nothing_is_allowed_that_the_library_does_not_call(builds: Mapping[str, Built]) -> None:
    named = {name for built in builds.values() for _, *names in built.calls["found"] for name in names}
    assert allowed() - named == set()


def test_what_the_script_sandbox_forbids_is_found(tmp_path: Path) -> None:
    planted = {path.stem: path for path in PLANTED.iterdir()}
    stand_in = StandIn.at(tmp_path)
    builds = play(
        {
            name: stand_in.scenario(name, path.read_text(encoding="utf-8"), watched=True)
            for name, path in planted.items()
        },
        tmp_path,
    )
    found = {name: rejected(built) for name, built in builds.items()}
    for name, path in planted.items():
        expected = path.read_text(encoding="utf-8").partition("// ")[2].splitlines()[0]
        assert [one.rpartition(": ")[2] for one in found[name]] == [expected], builds[name].log
