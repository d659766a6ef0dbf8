"""Buildspecs, Jenkinsfiles, CircleCI's configurations: what of them changes, stays, and is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from ecr_push.delivery.moving.jenkins.write import LIBRARY
from ecr_push.delivery.moving.kinds import move_file
from ecr_push.delivery.moving.model import Moved, NotMovedError, Wish
from ecr_push.delivery.moving.tag_rules import KEEPS_CANDIDATE
from tests.support.moved_files import PATHS, SHAPES, moved
from tests.support.paths import ROOT

HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
BUILD, PUSH = f"docker build -t {HOST}/a .", f"docker push {HOST}/a"
NAMES = [f"{path.parent.name}/{path.stem}" for path in sorted(SHAPES.glob("*/*"))]
# Of these an image is still pushed by a command that is not followed.
KEPT = {"jenkins/loop"}


def move(ci: str, text: str, wish: Wish | None = None) -> Moved:
    return move_file(text, PATHS[ci], wish or Wish(gate=True))


def buildspec(*commands: str) -> str:
    return "version: 0.2\nphases:\n  build:\n    commands:\n" + "".join(
        f"      - {one}\n" for one in commands
    )


def commands(text: str, phase: str = "build") -> list[str]:
    found: Any = yaml.safe_load(text)["phases"][phase]["commands"]
    return list(found)


@pytest.mark.parametrize("name", NAMES)
def test_shapes(name: str) -> None:
    ci, _, file = name.partition("/")
    text, after = moved(ci, file)
    if ci != "jenkins":
        assert isinstance(yaml.safe_load(after.text), dict)
    assert after.path == PATHS[ci]
    assert after.steps and after.lines
    assert [one.number for one in after.lines] == sorted(one.number for one in after.lines)
    comments = [line.strip() for line in text.splitlines() if line.strip().startswith(("# ", "// "))]
    assert all(one in after.text or "whole product" in one for one in comments)
    if name not in KEPT:
        with pytest.raises(NotMovedError, match="pushes no image that can be moved over"):
            move_file(after.text, PATHS[ci], Wish())


def test_observing_first_and_a_gate_where_the_user_or_the_file_has_one() -> None:
    text = buildspec(f"docker build -t {HOST}/a .", f"docker push {HOST}/a")
    assert "--observe" in move("codebuild", text, Wish()).text
    assert any("--observe" in step for step in move("codebuild", text, Wish()).steps)
    assert "--observe" not in move("codebuild", text, Wish(gate=True)).text


BUILDSPECS = {
    # What is on one line with it stays, in its order.
    f"npm ci && {BUILD} && {PUSH} && ./deploy.sh": ["npm ci", "RUN", "./deploy.sh"],
    f"{BUILD} ; {PUSH} ; echo done": ["RUN", "echo done"],
    f"cd x && {BUILD} && {PUSH} && cd ..": ["cd x", "RUN", "cd .."],
    f"|\n        set -e\n        {BUILD}\n        {PUSH}\n        ./a.sh # b":
        ["set -e\nRUN|| exit $?\n./a.sh # b\n"],
    "|\n        for t in a b; do\n          docker build -t $R/$t .; docker push $R/$t\n        done":
        ["RUN", "RUN"],
    f"|\n        if [ -n \"$A\" ]; then\n          {BUILD}\n          {PUSH}\n          ./a.sh\n        fi":
        ["RUNif\nRUN|| exit $?\nif [ -n \"$A\" ]; then\n  :\n  ./a.sh\nfi\n"],
}  # fmt: skip


@pytest.mark.parametrize(("command", "expected"), BUILDSPECS.items())
def test_buildspecs(command: str, expected: list[str]) -> None:
    found = commands(move("codebuild", buildspec(command)).text)
    assert [shown(one) for one in found] == expected


def shown(command: str) -> str:
    """A run in short."""
    lines: list[str] = []
    inside = False
    for line in command.split("\n"):
        if '"$TOOL/bin/ecr-push" run' in line or (line.startswith("if ") and line.endswith("then \\")):
            inside = True
            lines.append("RUNif" if line.startswith("if ") else "RUN")
        if not inside:
            lines.append(line)
        elif "|| exit" in line:
            lines[-1] += line.strip()
        inside = inside and line.endswith("\\")
    return "\n".join(lines)


def test_a_phase_without_a_command_is_none() -> None:
    text = (
        buildspec(f"docker build -t {HOST}/a .")
        + f"  post_build:\n    commands:\n      - docker push {HOST}/a\n"
    )
    assert commands(move("codebuild", text).text, "post_build") == ['test "$CODEBUILD_BUILD_SUCCEEDING" = 1']
    text = "  pre_build:\n    commands:\n      - $(aws ecr get-login)\n"
    text = buildspec(f"docker build -t {HOST}/a .", f"docker push {HOST}/a").replace(
        "phases:\n", f"phases:\n{text}"
    )
    assert commands(move("codebuild", text).text, "pre_build") == ["true"]


def test_a_job_of_gitlab_keeps_a_command_in_each_list() -> None:
    text = f"image:\n  before_script:\n  - $(aws ecr get-login)\n  script:\n  - {BUILD}\n  - {PUSH}\n"
    found = yaml.safe_load(move("gitlab", text).text)["image"]
    assert found["before_script"] == ["true"]
    assert [one.split()[0] for one in found["script"]] == [
        "TOOL=$(mktemp", "python3", '"$TOOL/bin/pip"', '"$TOOL/bin/ecr-push"',
    ]  # fmt: skip


def test_what_installs_ecr_push_comes_first() -> None:
    text = buildspec(f"docker build -t {HOST}/a .", f"docker push {HOST}/a")
    install = "  install:\n    runtime-versions: {python: 3.12}\n    commands:\n      - npm ci\n"
    found = commands(move("codebuild", text.replace("phases:\n", f"phases:\n{install}")).text, "install")
    assert found[0] == "TOOL=$(mktemp -d)" and found[-1] == "npm ci"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("name", NAMES)
def test_line_ends_stay(name: str, ends: str) -> None:
    ci, _, file = name.partition("/")
    text, after = moved(ci, file)
    found = move_file(text.replace("\n", ends), PATHS[ci], Wish())
    assert found.text == after.text.replace("\n", ends)


SET_LATER = f"""\
version: 0.2
phases:
  build: {{commands: [true]}}
  post_build:
    commands:
      - docker push {HOST}/a:$T
""".replace("{commands: [true]}", f"\n    commands:\n      - docker build -t {HOST}/a:$T .\n      - T=$(x)")
REFUSED = {
    ("codebuild", "version: 0.2\n"): "buildspec.yml has no phases",
    ("codebuild", buildspec("npm ci")): "buildspec.yml pushes no image that can be moved over",
    ("codebuild", buildspec("docker build .", "docker-compose push")):
        "line 5: docker build .: it is not pushed here\n"
        "line 6: docker-compose push: what it builds is in another file: write a run for each "
        "image, or `images` in ecr-push.yml",
    ("codebuild", f"version: 0.2\nphases: {{build: {{commands: [{BUILD} && {PUSH}]}}}}"):
        "line 2: write each of these commands on a line of its own",
    ("codebuild", buildspec(f"if true; then ./a.sh; {BUILD}; {PUSH}; fi")):
        "line 5: what ecr-push replaces is on one line with other commands",
    ("codebuild", SET_LATER): "line 5: docker build -t",
    ("jenkins", "node { sh 'make' "): "it is not Groovy that can be read: line 1: `{` has no end",
    ("jenkins", "node { sh 'make }"): "it is not Groovy that can be read: line 1: a string has no end: '",
    ("jenkins", "node { sh 'make' }"): "Jenkinsfile pushes no image that can be moved over",
    ("jenkins", f"node {{ sh 'if [ $A ]; then {BUILD} && {PUSH}; fi' }}"): "it is built only where [ $A ]",
    ("jenkins", "node { docker.build('a/b').push() }"): "a/b is in Docker Hub",
    ("gitlab", "image: {script: [true]}\n"): ".gitlab-ci.yml pushes no image that can be moved over",
    ("codebuild", buildspec("ecr-push run")): "it calls ecr-push already",
    ("circleci", "version: 2.1\n"): ".circleci/config.yml pushes no image that can be moved over",
}  # fmt: skip


@pytest.mark.parametrize(("given", "message"), REFUSED.items())
def test_what_is_refused(given: tuple[str, str], message: str) -> None:
    with pytest.raises(NotMovedError) as refused:
        move(*given)
    assert message in str(refused.value)


JENKINS = {
    # The library is added to those that are loaded.
    "@Library('a') _\n": f"@Library(['a', '{LIBRARY}']) _\n",
    "@Library(['a', 'b@1']) _\n": f"@Library(['a', 'b@1', '{LIBRARY}']) _\n",
    f"@Library('{LIBRARY}') _\n": f"@Library('{LIBRARY}') _\n",
    "#!groovy\n": f"#!groovy\n@Library('{LIBRARY}') _\n\n",
    "// a\n": f"@Library('{LIBRARY}') _\n\n// a\n",
}


@pytest.mark.parametrize(("before", "after"), JENKINS.items())
def test_the_library(before: str, after: str) -> None:
    text = f"{before}node {{ docker.build('{HOST}/a').push('1') }}\n"
    assert move("jenkins", text).text.startswith(after + "node {")


ECR = f"url: 'https://{HOST}', credentialsId: 'ecr:eu-west-1:id'"
STEPS = {
    f"def i = docker.build('a')\ndocker.withRegistry('https://{HOST}/a', 'ecr:eu-west-1:id') {{ i.push() }}":
        f"repository: '{HOST}/a',",
    f"docker.build('a')\ndocker.withRegistry('https://{HOST}') {{ docker.image('a').push('1') }}":
        f"repository: '{HOST}/a',",
    f"withDockerRegistry({ECR}) {{ sh '{BUILD} && {PUSH}' }}": "credentialsId: 'id',",
    f"withDockerRegistry([{ECR}]) {{ sh '{BUILD} && {PUSH}' }}": "credentialsId: 'id',",
    f"docker.build('{HOST}/a-${{BRANCH_NAME}}').push()": f'repository: "{HOST}/a-${{env.BRANCH_NAME}}",',
    f"docker.build('{HOST}/a').push()": "tags: '''\n        type=raw,value=latest\n    ''',",
    f"def i = docker.build(\"{HOST}/a:${{env.BUILD_ID}}\")\ni.push()": "type=raw,value=${env.BUILD_ID}",
    f"def i = docker.build('{HOST}/a', \"--build-arg A=${{B}} -f x .\")\ni.push('1')":
        "dockerfile: 'x',\n    buildArg: [\"A=${B}\"],",
    f"docker.withRegistry('https://{HOST}', 'ecr:eu-west-1:id') {{ docker.build('a').push('1') }}":
        f"repository: '{HOST}/a',",
    f"sh \"docker build -t {HOST}/a:${{B}} . && docker push {HOST}/a:${{B}}\"": "type=raw,value=${B}",
    f"sh(script: 'docker build -t {HOST}/a:1 . && docker push {HOST}/a:1', label: 'x')": "type=raw,value=1",
    f"sh '''docker build -t {HOST}/a:$(./v.sh) .\ndocker push {HOST}/a:$(./v.sh)'''":
        "type=raw,value=${sh(script: './v.sh', returnStdout: true).trim()}",
    f"sh 'docker build -t {HOST}/a:${{GIT_COMMIT:0:9}} . && docker push {HOST}/a:${{GIT_COMMIT:0:9}}'":
        "type=sha,prefix=\n    ''',\n    shortShaLength: 9,",
    f"def v = \"1.${{env.BUILD_NUMBER}}\" + '-x'\ndef i = docker.build(\"{HOST}/a:${{v}}\")\ni.push()":
        "type=raw,value=1.${env.BUILD_NUMBER}-x",
    f"def i = docker.build('{HOST}/a')\nif (env.TAG_NAME) {{ i.push('x') }} else {{ i.push('dev') }}":
        "type=raw,value=dev,enable=${!(env.TAG_NAME) ? 'true' : 'false'}",
}  # fmt: skip


@pytest.mark.parametrize(("steps", "expected"), STEPS.items())
def test_steps_of_jenkins(steps: str, expected: str) -> None:
    found = move("jenkins", f"node {{\n{steps}\n}}\n").text
    assert expected in found
    assert found.count("ecrPush(") == 1
    assert "docker" not in found.replace("dockerfile", "")


def test_what_is_left_of_a_script_is_steps_around_it() -> None:
    script = f"""
        A=1 B="it\\'s"
        npm ci
        docker build -t {HOST}/a:$A .
        docker push {HOST}/a:$A
        ./after.sh "$A"
    """
    found = move("jenkins", f"node {{\n    sh '''{script}'''\n}}\n").text
    before, _, after = found.partition("    ecrPush(")
    assert before.endswith("sh '''\n        A=1 B=\"it's\"\n        npm ci\n    '''\n")
    assert after.endswith(
        "    )\n    sh '''\n        A=1 B=\"it's\"\n        ./after.sh \"$A\"\n    '''\n}\n"
    )


def test_a_stage_keeps_a_step() -> None:
    text = f"""pipeline {{
    agent any
    stages {{
        stage('a') {{ steps {{ sh 'docker build -t {HOST}/a .' }} }}
        stage('b') {{ steps {{ script {{ sh 'docker push {HOST}/a' }} }} }}
    }}
}}
"""
    found = move("jenkins", text).text
    assert "stage('a') { steps { echo 'ecrPush does this' } }" in found
    assert "stage('b') { steps { script { ecrPush(" in found


STAGES = """pipeline {
    agent any
    stages {
        stage('a') { steps { script { i = docker.build('HOST/a') } } }
        stage('b') { when { branch 'main' }; steps { script { i.push('1') } } }
        stage('c') { when { OTHER }; steps { script { i.push('2') } } }
    }
}
""".replace("HOST", HOST)


def test_stages_of_which_one_always_runs_share_a_run_before_them() -> None:
    found = move("jenkins", STAGES.replace("OTHER", "not { branch 'main' }")).text
    assert found.index("ecrPush(") < found.index("stage('b')")
    assert "type=raw,value=1,enable=${env.BRANCH_NAME == 'main' ? 'true' : 'false'}" in found
    assert "type=raw,value=2,enable=${!(env.BRANCH_NAME == 'main') ? 'true' : 'false'}" in found


def test_stages_of_which_none_may_run_share_a_run_that_may_not_push() -> None:
    found = move("jenkins", STAGES.replace("OTHER", "branch 'dev'")).text
    assert "push: (env.BRANCH_NAME == 'main') || (env.BRANCH_NAME == 'dev')," in found
    assert "type=raw,value=2,enable=${env.BRANCH_NAME == 'dev' ? 'true' : 'false'}" in found


def test_stages_with_a_condition_that_no_expression_says_share_none() -> None:
    with pytest.raises(NotMovedError, match=r"it is pushed only where .*, or where .*a condition of when"):
        move("jenkins", STAGES.replace("OTHER", "changeset 'a/**'"))


def test_a_run_stands_where_its_credentials_are() -> None:
    text = STAGES.replace("OTHER", "branch 'dev'").replace(
        "i.push('1')", "withAWS(role: 'a') { i.push('1') }"
    )
    with pytest.raises(NotMovedError, match="build it where it is pushed"):
        move("jenkins", text)


def test_jobs_of_the_orb_keep_what_they_wait_for() -> None:
    _, after = moved("circleci", "orb-job")
    found = yaml.safe_load(after.text)
    assert found["workflows"]["all"]["jobs"] == [
        {"push-image": {"context": "aws", "filters": {"branches": {"only": "main"}}}}
    ]
    steps = found["jobs"]["push-image"]["steps"]
    assert [next(iter(one)) if isinstance(one, dict) else one for one in steps] == [
        "checkout", "setup_remote_docker", "aws-cli/setup", "run", "run",
    ]  # fmt: skip


def test_the_example_of_the_page() -> None:
    page = (ROOT / "docs" / "moving.md").read_text(encoding="utf-8")
    before, after = re.findall(r"^```groovy\n(.*?)^```$", page, re.M | re.S)
    assert move("jenkins", before, Wish()).text == after


ORB = """version: 2.1
orbs:
  aws-ecr: circleci/aws-ecr@VERSION
workflows:
  all:
    jobs:
      - aws-ecr/build-and-push-image:
          repo: api
          NAME
          path: api
          build-path: api
      - aws-ecr/build-and-push-image:
          name: second
          repo: web
          aws-access-key-id: KEY
      - deploy:
          requires: [aws-ecr/build-and-push-image, second]
"""


def test_several_jobs_of_the_orb() -> None:
    after = move("circleci", ORB.replace("VERSION", "8.2.1").replace("NAME", "tag: $CIRCLE_TAG"))
    found = yaml.safe_load(after.text)
    assert list(found["jobs"]) == ["push-image", "push-image-2"]
    assert found["workflows"]["all"]["jobs"] == [
        "push-image",
        {"push-image-2": {"name": "second"}},
        {"deploy": {"requires": ["push-image", "second"]}},
    ]  # fmt: skip
    assert [(one.text, one.why) for one in after.by_fate("no equal")] == [
        ("aws_access_key_id", "ecr-push reads AWS_ACCESS_KEY_ID")
    ]


@pytest.mark.parametrize(
    ("version", "parameter", "host"),
    [
        ("6.7.0", "tag: a", "${AWS_ECR_ACCOUNT_URL}"),
        ("6.7.0", "account-url: MY_URL", "${MY_URL}"),
        ("8.2.1", "registry-id: MY_ID", "${MY_ID}.dkr.ecr.${AWS_REGION}.amazonaws.com"),
        ("9.8.1", "region: eu-west-1", "${AWS_ACCOUNT_ID}.dkr.ecr.eu-west-1.amazonaws.com"),
    ],
)
def test_where_the_orb_pushes_to(version: str, parameter: str, host: str) -> None:
    text = ORB.replace("VERSION", version).replace("NAME", parameter)
    assert f'--repository "{host}/api"' in move("circleci", text).text


SECRET = f"docker build --build-arg A=$X -t {HOST}/a ."
HELPER = "pipeline { environment {\n  X = credentials('x')\n}\nstages { stage('a') { steps {"
BOUND = "node { withCredentials([string(credentialsId: 'x', variable: 'X')]) {\n"
STORES = {
    "parameter-store": ("codebuild", f"env:\n  parameter-store:\n    X: /x\n{buildspec(SECRET, PUSH)}"),
    "secrets-manager": ("codebuild", f"env:\n  secrets-manager: {{X: x:y}}\n{buildspec(SECRET, PUSH)}"),
    "environment": ("jenkins", f"{HELPER} sh '{SECRET}'\nsh '{PUSH}'\n}} }} }} }}\n"),
    "password": ("jenkins", f"{HELPER} sh '{SECRET.replace('$X', '$X_PSW')}'\nsh '{PUSH}'\n}} }} }} }}\n"),
    "withCredentials": ("jenkins", f"{BOUND}sh '{SECRET}'\nsh '{PUSH}'\n}} }}\n"),
    "plain": ("codebuild", f"env:\n  variables:\n    X: x\n{buildspec(SECRET, PUSH)}"),
}


@pytest.mark.parametrize("store", STORES)
def test_build_arguments_from_a_store_of_secrets(store: str) -> None:
    ci, text = STORES[store]
    found = [one.why for one in move(ci, text).by_fate("unsafe")]
    form = "`secret: ['id=A,env=A']`" if ci == "jenkins" else "`--secret id=A,env=A`"
    assert len(found) == (store != "plain")
    assert all(why.startswith("it is a secret of the CI") and form in why for why in found)


UPDATE = f"aws lambda update-function-code --function-name f --image-uri {HOST}/a"


def test_a_buildspec_updates_a_function_by_a_command_of_ours() -> None:
    wait = "aws lambda wait function-updated --function-name f"
    moved = move(
        "codebuild", buildspec(BUILD, PUSH, f"{UPDATE}:latest --region eu-north-1", wait, "./smoke.sh")
    )
    _, deploy, smoke = commands(moved.text)
    assert deploy == f'"$TOOL/bin/ecr-push" deploy lambda {HOST}/a:latest --function f --region eu-north-1'
    assert smoke == "./smoke.sh"
    assert any(
        "`ecr-push iam policy --command deploy-lambda -r a --function f`" in one for one in moved.steps
    )


@pytest.mark.parametrize(
    "command", [f'if [ "$A" ]; then {UPDATE}; fi', f'[ "$A" ] && {UPDATE}', f"{UPDATE} || true"]
)
def test_a_function_that_is_not_always_updated_is_left_to_its_command(command: str) -> None:
    moved = move("codebuild", buildspec(BUILD, PUSH, f"|\n        {command}"))
    assert command in moved.text
    assert [one.fate for one in moved.lines if one.text == UPDATE] == ["kept"]


RESTART = "aws ecs update-service --cluster c --service s --force-new-deployment"
STABLE = "aws ecs wait services-stable --cluster c --services s"


def deploying(ci: str, *commands: str, elsewhere: bool = False) -> str:
    """A file that pushes an image, and deploys it there or in another job, or on another agent."""
    if ci == "codebuild":
        return buildspec(BUILD, PUSH, *commands)
    if ci == "jenkins":
        agents = ["node {", "}", "node('deploy') {", "}"] if elsewhere else ["node {", "}"]
        steps = [f"  sh '{one}'" for one in (BUILD, PUSH)]
        return "\n".join([agents[0], *steps, *agents[1:-1], *(f"  sh '{one}'" for one in commands), "}", ""])
    job, step = ("image:", "  - ") if ci == "gitlab" else ("  a:", "      - run: ")
    head = "  script:" if ci == "gitlab" else "    steps:"
    other = [job.replace("a", "b"), head] if elsewhere else []
    lines = [job, head, *(step + one for one in (BUILD, PUSH)), *other, *(step + one for one in commands)]
    return "\n".join([*(["version: 2.1", "jobs:"] if ci == "circleci" else []), *lines, ""])


@pytest.mark.parametrize("ci", ["gitlab", "circleci"])
def test_elsewhere_too_a_command_of_ours_updates_a_function(ci: str) -> None:
    moved = move(ci, deploying(ci, UPDATE))
    lines = [line.strip(" \\") for line in moved.text.splitlines()]
    at = next(n for n, line in enumerate(lines) if line.endswith(f"deploy lambda {HOST}/a:latest"))
    assert lines[at + 1] == "--function f" and "aws lambda" not in moved.text


def test_a_step_of_jenkins_updates_a_function() -> None:
    moved = move("jenkins", deploying("jenkins", UPDATE))
    assert moved.text.endswith(
        f"""\
  ecrPush(
      command: 'deploy lambda',
      arguments: '{HOST}/a:latest',
      function: 'f',
  )
}}
"""
    )


def test_a_service_starts_again_once_its_tag_names_the_image() -> None:
    moved = move("codebuild", buildspec(BUILD, PUSH, RESTART, STABLE))
    assert commands(moved.text)[1] == (
        f'"$TOOL/bin/ecr-push" deploy ecs {HOST}/a:latest --cluster c --service s --redeploy'
    )
    (_, waits) = ([one for one in moved.lines if one.text == text] for text in (RESTART, STABLE))
    assert [one.why for one in waits] == ["the deployment waits"]
    named = "`ecr-push iam policy --command deploy-ecs -r a --cluster c --service s --redeploy`"
    assert any(named in one for one in moved.steps)
    moved = move("codebuild", buildspec(BUILD, PUSH, f"{RESTART} > /dev/null"))
    assert commands(moved.text)[1].endswith("--redeploy --deploy-timeout 0")


@pytest.mark.parametrize("ci", ["gitlab", "jenkins", "circleci"])
@pytest.mark.parametrize("command", [UPDATE, RESTART])
def test_where_no_run_stands_a_deployment_is_left_to_its_command(ci: str, command: str) -> None:
    """Whether that job's image, or that agent, has what ecr-push needs is not in the file."""
    moved = move(ci, deploying(ci, command, elsewhere=True))
    assert command in moved.text
    assert [one.fate for one in moved.lines if one.text == command] == ["kept"]


@pytest.mark.parametrize(
    "commands_",
    [
        (BUILD, PUSH, f"{BUILD} -t {HOST}/b", f"docker push {HOST}/b", RESTART),
        (RESTART, BUILD, PUSH),
        (BUILD, PUSH, f"{RESTART} --desired-count 2"),
        (BUILD, PUSH, f"{RESTART} > out.json"),
        (BUILD, PUSH, f"{RESTART} || true"),
    ],
)
def test_a_service_that_starts_again_for_another_reason_is_left_to_its_command(
    commands_: tuple[str, ...],
) -> None:
    assert RESTART in move("codebuild", buildspec(*commands_)).text


ECS_ORB = f"""\
version: 2.1
orbs: {{aws-ecr: circleci/aws-ecr@9.0, aws-ecs: circleci/aws-ecs@4.0}}
workflows:
  all:
    jobs:
      - aws-ecr/build_and_push_image:
          account_url: {HOST}
          repo: api
          tag: latest,$CIRCLE_SHA1
      - aws-ecs/deploy_service_update:
          requires: [aws-ecr/build_and_push_image]
          family: api
          cluster: prod
          service_name: shop
          verify_revision_is_deployed: true
          container_image_name_updates: container=web,tag=$CIRCLE_SHA1
"""


def test_a_job_of_the_orb_for_ecs_becomes_one_that_deploys_the_digest_of_its_tag() -> None:
    after = move("circleci", ECS_ORB)
    found = yaml.safe_load(after.text)
    assert found["workflows"]["all"]["jobs"] == [
        "push-image",
        {"deploy-image": {"requires": ["push-image"]}},
    ]
    *_, run = found["jobs"]["deploy-image"]["steps"]
    assert run["run"]["command"].split() == [
        "~/ecr-push/bin/ecr-push", "deploy", "ecs", f'"{HOST}/api:${{CIRCLE_SHA1}}"', "\\",
        "--cluster", "prod", "\\", "--container", "web", "\\", "--service", "shop", "\\",
        "--task-definition", "api", "\\", "||", "exit", "$?",
    ]  # fmt: skip
    assert [one.became for one in after.lines if one.text == "aws-ecs/deploy_service_update"] == [
        "deploy ecs"
    ]
    assert any("--command deploy-ecs -r api --cluster prod --service shop" in one for one in after.steps)
    unwatched = ECS_ORB.replace("          verify_revision_is_deployed: true\n", "")
    assert "--deploy-timeout 0" in move("circleci", unwatched).text


ORB_STAYS = {
    ("tag=$CIRCLE_SHA1", "tag=$OTHER"): "which image it is about is not in the file; `ecr-push",
    ("container=web,tag=$CIRCLE_SHA1", "container=web,image-and-tag=x:1"): "it is not one container",
    ("          family: api\n", ""): "its family is not in the file",
    ("cluster: prod", "cluster: prod\n          deployment_controller: CODE_DEPLOY"): "CodeDeploy shifts",
    ("cluster: prod", "cluster: prod\n          container_env_var_updates: a"): "container_env_var_updates",
    ("deploy_service_update", "run_task"): "it runs a task",
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), ORB_STAYS.items())
def test_what_stays_of_the_orb_for_ecs_says_why(change: tuple[str, str], expected: str) -> None:
    after = move("circleci", ECS_ORB.replace(*change))
    (why,) = (one.why for one in after.by_fate("kept"))
    assert why.startswith(expected) and "aws-ecs/" in after.text


def test_a_secret_of_the_orbs_build_arguments_has_the_line_of_the_orb() -> None:
    text = ORB.replace("VERSION", "9.0.0").replace(
        "NAME", "extra-build-args: --build-arg NPM_TOKEN=$NPM_TOKEN"
    )
    assert [(one.number, one.text) for one in move("circleci", text).by_fate("unsafe")] == [
        (7, "build argument NPM_TOKEN")
    ]


@pytest.mark.parametrize(("tag", "is_said"), [("latest", True), ("1.4.2", False)])
def test_an_image_whose_tags_can_all_move_keeps_its_candidates_tag(tag: str, *, is_said: bool) -> None:
    image = f"{HOST}/a:{tag}"
    build, push = f"docker build -t {image} .", f"docker push {image}"
    step = f"      - uses: docker/build-push-action@v6\n        with: {{push: true, tags: '{image}'}}\n"
    texts = {
        ".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{step}",
        PATHS["codebuild"]: buildspec(build, push),
        PATHS["jenkins"]: f"node {{\n  sh '{build}'\n  sh '{push}'\n}}\n",
        PATHS["gitlab"]: f"image:\n  script:\n  - {build}\n  - {push}\n",
        PATHS[
            "circleci"
        ]: f"version: 2.1\njobs:\n  a:\n    steps:\n      - run: {build}\n      - run: {push}\n",
    }
    for path, text in texts.items():
        assert (KEEPS_CANDIDATE in move_file(text, path, Wish()).steps) is is_said, path
