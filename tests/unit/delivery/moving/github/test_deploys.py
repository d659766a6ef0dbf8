"""Steps of workflows that deploy: which become ours, and why the others stay."""

from __future__ import annotations

import re

import pytest
import yaml

from ecr_push.delivery.moving.github.move import move_workflow
from ecr_push.delivery.moving.model import Moved, Wish
from tests.support.paths import ROOT

HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = f"{HOST}/app:${{{{ github.sha }}}}"
HEAD = f"""\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - id: build
        uses: docker/build-push-action@v6
        with:
          push: true
          tags: {IMAGE}
"""
RENDER = f"""\
      - id: render
        uses: aws-actions/amazon-ecs-render-task-definition@v1
        with:
          task-definition: task.json
          container-name: web
          image: {IMAGE}
"""
DEPLOY = """\
      - id: ecs
        uses: aws-actions/amazon-ecs-deploy-task-definition@v2
        with:
          task-definition: ${{ steps.render.outputs.task-definition }}
          service: shop
          cluster: prod
"""
WAITS = "          wait-for-service-stability: true\n"
DIGEST = "${{ steps.build.outputs.image }}"


def move(steps: str) -> Moved:
    return move_workflow(HEAD + steps, "image.yml", Wish())


def given(moved: Moved, job: str = "image") -> list[dict[str, str]]:
    """What each step that deploys is given."""
    steps = yaml.load(moved.text, yaml.BaseLoader)["jobs"][job]["steps"]
    return [one["with"] for one in steps if one.get("with", {}).get("command", "").startswith("deploy ")]


def why(moved: Moved) -> list[str]:
    """Of what stays."""
    return [one.why for one in moved.by_fate("kept")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", {"deploy-timeout": "0"}),
        (WAITS, WAITS, {}),
        (WAITS, f"{WAITS}          wait-for-minutes: 30\n", {}),
        (WAITS, f"{WAITS}          wait-for-minutes: 45\n", {"deploy-timeout": "45m"}),
        (WAITS, f"{WAITS}          force-new-deployment: true\n", {}),
        (WAITS, f"{WAITS}          force-new-deployment: false\n          max-retries: 5\n", {}),
    ],
)
def test_a_task_definition_that_is_rendered_and_deployed(
    before: str, after: str, expected: dict[str, str]
) -> None:
    moved = move(RENDER + DEPLOY + after)
    where = {"cluster": "prod", "service": "shop", "container": "web", "task-definition": "task.json"}
    assert given(moved) == [{"command": "deploy ecs", "arguments": DIGEST, **where, **expected}]
    assert "aws-actions/amazon-ecs" not in moved.text and "id: ecs\n" in moved.text
    named = "`ecr-push iam policy --command deploy-ecs -r app --cluster prod --service shop`"
    assert any(named in step for step in moved.steps)


@pytest.mark.parametrize(
    ("old", "new", "definition"),
    [
        ("task-definition: task.json", "task-definition: taskdef", "./taskdef"),
        ("task-definition: task.json", "task-definition-family: shop", "shop"),
        ("task-definition: task.json", "task-definition: ${{ env.TASK }}", "${{ env.TASK }}"),
    ],
)
def test_a_file_and_a_family(old: str, new: str, definition: str) -> None:
    (found,) = given(move(RENDER.replace(old, new) + DEPLOY))
    assert found["task-definition"] == definition


def test_without_a_service_a_definition_is_registered_alone() -> None:
    (found,) = given(move(RENDER + DEPLOY.replace("          service: shop\n          cluster: prod\n", "")))
    assert not {"service", "cluster", "deploy-timeout"} & set(found)


@pytest.mark.parametrize(
    "text",
    [IMAGE, "${{ steps.name.outputs.image }}", f"{HOST}/app@${{{{ steps.build.outputs.digest }}}}"],
)
def test_however_the_image_is_named(text: str) -> None:
    name = f'      - id: name\n        run: echo "image={IMAGE}" >> $GITHUB_OUTPUT\n'
    moved = move(name + RENDER.replace(IMAGE, text) + DEPLOY)
    assert [one["arguments"] for one in given(moved)] == [DIGEST]
    assert ("steps.name" in text) is ("id: name" not in moved.text)


def test_a_condition_and_a_name_stay() -> None:
    deploy = DEPLOY.replace("- id: ecs", "- name: To production\n        if: github.ref == 'refs/heads/main'")
    text = move(RENDER + deploy).text
    assert "- name: To production\n" in text and "        if: github.ref == 'refs/heads/main'\n" in text


STAYS = {
    ("", "          codedeploy-appspec: a.yml\n"): "codedeploy-appspec: CodeDeploy shifts",
    ("", "          run-task: true\n"): "run-task: it runs a task",
    ("", "          run-task-subnets: a\n"): "run-task-subnets: it runs a task",
    ("", "          desired-count: 2\n"): "desired-count: it sets how many tasks run",
    ("", "          propagate-tags: SERVICE\n"): "propagate-tags: `deploy ecs` has no such option",
    ("", "          wait-for-service-stability: ${{ inputs.wait }}\n"): "wait-for-service-stability: whether",
    ("          environment-variables: A=b\n", ""): "environment-variables: `deploy ecs` changes",
    ("          task-definition-arn: a\n", ""): "task-definition-arn: it takes a certain revision",
    ("        if: always()\n", ""): "the steps have conditions of their own each",
    ("", "      - run: echo ${{ steps.ecs.outputs.task-definition-arn }}\n"): "its output task",
    ("", "      - run: cat ${{ steps.render.outputs.task-definition }}\n"): "what line 12 writes is used",
    ("", "      - run: echo ${{ steps.render.outcome }}\n"): "what line 12 writes is used",
    ("", "        env: {AWS_REGION: eu-north-1}\n"): "line 18 has variables of its own",
}  # fmt: skip


@pytest.mark.parametrize(("more", "expected"), STAYS.items())
def test_what_stays_says_why(more: tuple[str, str], expected: str) -> None:
    moved = move(RENDER + more[0] + DEPLOY + more[1])
    assert not given(moved)
    assert any(one.startswith(expected) for one in why(moved)), why(moved)
    assert f"image: {DIGEST}\n" in moved.text


def test_another_image_and_another_file_stay() -> None:
    moved = move(RENDER.replace(IMAGE, f"{HOST}/proxy:1") + DEPLOY)
    assert f"this file does not push {HOST}/proxy:1" in why(moved)
    moved = move(
        "      - run: ./render.sh\n" + DEPLOY.replace("${{ steps.render.outputs.task-definition }}", "a.json")
    )
    assert any(one.startswith("other commands put the image into a.json") for one in why(moved))


def test_roles_that_follow_each_other() -> None:
    """Each step of ours gets the credentials that were made last before it."""

    def credentials(role: str) -> str:
        return (
            "      - uses: aws-actions/configure-aws-credentials@v4\n"
            f"        with: {{role-to-assume: {role}, aws-region: eu-west-1}}\n"
        )

    head, build = HEAD.split("      - id: build")
    push, deploy = (f"arn:aws:iam::123456789012:role/{name}" for name in ("push", "deploy"))
    text = f"{head}{credentials(push)}      - id: build{build}{credentials(deploy)}{RENDER}{DEPLOY}"
    moved = move_workflow(text, "image.yml", Wish())
    steps = yaml.safe_load(moved.text)["jobs"]["image"]["steps"]
    assert [one["with"].get("role-to-assume") for one in steps] == [None, push, deploy]
    assert "configure-aws-credentials" not in moved.text


JOB = """\
    outputs: {image: "${{ steps.build.outputs.imageid }}"}
  deploy:
    needs: image
    runs-on: ubuntu-latest
    steps:
"""


@pytest.mark.parametrize(
    ("output", "text", "is_given"),
    [
        ("steps.build.outputs.image", "${{ needs.image.outputs.image }}", "${{ needs.image.outputs.image }}"),
        ("steps.build.outputs.image", IMAGE, IMAGE),
        ("steps.other.outputs.image", "${{ needs.image.outputs.image }}", ""),
        ("steps.build.outputs.image", "${{ needs.image.outputs.tag }}", ""),
    ],
)
def test_a_job_that_deploys_what_another_one_pushed(output: str, text: str, is_given: str) -> None:
    job = JOB.replace("steps.build.outputs.imageid", output)
    moved = move(job + RENDER.replace(IMAGE, text) + DEPLOY)
    assert [one["arguments"] for one in given(moved, "deploy")] == ([is_given] if is_given else [])
    assert is_given or f"this file does not push {text}" in why(moved)


UPDATE = "aws lambda update-function-code --function-name f --image-uri"


def run(*lines: str, **keys: str) -> str:
    more = "".join(f"        {key}: {value}\n" for key, value in keys.items())
    return "      - name: x\n" + more + "        run: |\n" + "".join(f"          {one}\n" for one in lines)


def test_a_function_gets_the_digest_between_what_stays() -> None:
    wait = "aws lambda wait function-updated --function-name f"
    moved = move(run("A=1", "./before.sh", f"{UPDATE} {IMAGE}", wait, './after.sh "$A"'))
    assert given(moved) == [{"command": "deploy lambda", "arguments": DIGEST, "function": "f"}]
    before, after = moved.text.split("command: deploy lambda")
    assert "./before.sh" in before and "./after.sh" not in before
    assert '          A=1\n          ./after.sh "$A"\n' in after and "aws lambda" not in moved.text


def test_a_function_of_another_region_beside_a_role() -> None:
    credentials = (
        "      - uses: aws-actions/configure-aws-credentials@v4\n"
        "        with: {role-to-assume: arn:aws:iam::123456789012:role/x, aws-region: eu-west-1}\n"
    )
    head, build = HEAD.split("      - id: build")
    steps = run(f"{UPDATE} {IMAGE} --region eu-north-1")
    moved = move_workflow(f"{head}{credentials}      - id: build{build}{steps}", "image.yml", Wish())
    (found,) = given(moved)
    assert (found["region"], found["role-to-assume"]) == ("eu-north-1", "arn:aws:iam::123456789012:role/x")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"{UPDATE} {IMAGE} --publish", "--publish makes a version without an alias"),
        (f"{UPDATE} {IMAGE} --dry-run", "--dry-run has no equal in `deploy lambda`"),
        (
            "aws lambda update-function-code --function-name f --zip-file fileb://a.zip",
            "it updates",
        ),
        (f"V=$({UPDATE} {IMAGE})", "`ecr-push deploy lambda IMAGE --function f`"),
        (f"{UPDATE} {IMAGE} > out.json", "what it prints is used"),
        (f'if [ "$A" ]; then {UPDATE} {IMAGE}; fi', "`ecr-push deploy lambda IMAGE --function f`"),
        (f"{UPDATE} {IMAGE} || true", "`ecr-push deploy lambda IMAGE --function f`"),
        (f"{UPDATE} {HOST}/other:1", "`ecr-push deploy lambda IMAGE --function f`"),
        (f"{UPDATE.replace(' f ', ' $F ')} {IMAGE}", "`ecr-push deploy lambda IMAGE --function ${F}`"),
    ],
)
def test_an_update_of_a_function_that_stays(command: str, expected: str) -> None:
    moved = move(run(command))
    assert not given(moved) and command in moved.text
    assert any(one.startswith(expected) for one in why(moved)), why(moved)


@pytest.mark.parametrize("image", [IMAGE, "${{ needs.image.outputs.image }}"])
def test_a_function_that_a_later_job_updates(image: str) -> None:
    job = JOB.replace("steps.build.outputs.imageid", "steps.build.outputs.image")
    moved = move(job + run(f"{UPDATE} {image}"))
    assert given(moved, "deploy") == [{"command": "deploy lambda", "arguments": image, "function": "f"}]
    assert any("deploy-lambda -r app --function f" in one for one in moved.steps)
    assert not given(move(job + run(f"{UPDATE} ${{{{ needs.other.outputs.image }}}}")), "deploy")


def test_an_image_that_a_script_exports_is_known_by_its_variable() -> None:
    script = run('IMAGE="$R/app:$GITHUB_SHA"', "docker build -t $IMAGE .", "docker push $IMAGE",
                 'echo "URI=$IMAGE" >> $GITHUB_ENV', env=f"{{R: {HOST}}}")  # fmt: skip
    head = HEAD.split("      - id: build")[0]
    moved = move_workflow(
        head + script + RENDER.replace(IMAGE, "${{ env.URI }}") + DEPLOY, "image.yml", Wish()
    )
    assert [one["arguments"] for one in given(moved)] == ["${{ steps.image.outputs.image }}"]


def test_commands_that_get_the_digest_say_so() -> None:
    scripts = run("kubectl set image deployment/a a=$IMAGE", env=f"{{IMAGE: '{IMAGE}'}}")
    moved = move(scripts + run(f"kubectl set image deployment/b b={IMAGE}"))
    assert why(moved)[0] == "it gets the image with its digest"
    assert why(moved)[1].startswith("it deploys by the tag, which only an accepted image gets")
    assert f"IMAGE: '{IMAGE}'" not in moved.text


def test_what_follows_a_push_in_its_line_or_block_stays() -> None:
    push = (f"docker build -t {HOST}/a:1 .", f"docker push {HOST}/a:1 && ./tell.sh")
    assert "./tell.sh" in move(run("npm ci", *push)).text
    block = (
        'if [ "$A" ]; then',
        *(f"  {one}" for one in push[:1]),
        f"  docker push {HOST}/a:1",
        "  ./tell.sh",
        "fi",
    )
    assert "./tell.sh" in move(run(*block)).text
    moved = move(run('if [ "$A" ]; then', "  npm ci", *block[1:]))
    assert [one.why for one in moved.by_fate("no equal")] == [
        "line 17: it stands within `if` behind commands that stay: put those before it"
    ]


def test_containers_of_one_image_are_one_step_and_of_two_images_none() -> None:
    second = RENDER.replace("id: render", "id: second").replace(
        "task.json", "${{ steps.render.outputs.task-definition }}"
    )
    second = second.replace("web", "worker")
    deploy = DEPLOY.replace("steps.render.", "steps.second.")
    (found,) = given(move(RENDER + second + deploy))
    assert (found["container"], found["task-definition"]) == ("web,worker", "task.json")
    moved = move(RENDER + second.replace(IMAGE, f"{HOST}/other:1") + deploy)
    assert not given(moved) and f"this file does not push {HOST}/other:1" in why(moved)
    assert moved.text.count("amazon-ecs-render-task-definition") == 2


def test_services_of_one_task_definition_are_steps_each_or_stay_together() -> None:
    worker = DEPLOY.replace("id: ecs", "name: worker").replace("service: shop", "service: worker")
    first, second = given(move(RENDER + DEPLOY + worker))
    assert (first["service"], second["service"]) == ("shop", "worker")
    assert first["task-definition"] == second["task-definition"] == "task.json"
    moved = move(RENDER + DEPLOY + worker + "          desired-count: 2\n")
    assert not given(moved) and moved.text.count("amazon-ecs-deploy-task-definition") == 2
    assert "what line 12 writes is used elsewhere too" in why(moved)


@pytest.mark.parametrize("name", ["steps.meta.outputs.tags", "fromJSON(steps.meta.outputs.json).tags[0]"])
def test_a_name_that_metadata_action_makes_is_the_image(name: str) -> None:
    meta = (
        f"      - id: meta\n        uses: docker/metadata-action@v5\n        with: {{images: {HOST}/app}}\n"
    )
    head, build = HEAD.split("      - id: build")
    build = build.replace(IMAGE, "${{ steps.meta.outputs.tags }}")
    render = RENDER.replace(IMAGE, f"${{{{ {name} }}}}")
    moved = move_workflow(f"{head}{meta}      - id: build{build}{render}{DEPLOY}", "image.yml", Wish())
    assert [one["arguments"] for one in given(moved)] == [DIGEST] and "meta" not in moved.text.replace(
        "metadata", ""
    )
    stays = f"      - uses: acme/deploy@v1\n        with: {{image: '${{{{ {name} }}}}'}}\n"
    moved = move_workflow(f"{head}{meta}      - id: build{build}{stays}", "image.yml", Wish())
    assert f"with: {{image: '{DIGEST}'}}" in moved.text


def test_an_expression_within_braces_gets_quotes() -> None:
    image = f"{HOST}/app:1"
    push = run(
        f"docker build -t {image} .",
        f"docker push {image}",
        './deploy.sh "$IMAGE"',
        env=f"{{IMAGE: {image}}}",
    )
    text = move_workflow(HEAD.split("      - id: build")[0] + push, "image.yml", Wish()).text
    assert "env: {IMAGE: '${{ steps.image.outputs.image }}'}\n" in text


BUILD = """\
      - id: login
        uses: aws-actions/amazon-ecr-login@v2
      - id: image
        uses: docker/build-push-action@v6
        with:
          push: true
          tags: ${{ steps.login.outputs.registry }}/team/app:${{ github.sha }}
"""


@pytest.mark.parametrize(("number", "steps"), [(0, ""), (1, BUILD)])
def test_the_workflows_of_the_page(number: int, steps: str) -> None:
    page = (ROOT / "docs" / "moving.md").read_text(encoding="utf-8")
    lines = re.findall(r"^```diff\n(.*?)^```$", page, re.M | re.S)[number].splitlines(keepends=True)
    before, after = ("".join(line[1:] for line in lines if line[0] != gone) for gone in "+-")
    head = "on: [push, pull_request]\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n"
    moved = move_workflow(head + steps + before, "image.yml", Wish())
    assert after in moved.text.replace(" # zizmor: ignore[unpinned-uses]", "")
