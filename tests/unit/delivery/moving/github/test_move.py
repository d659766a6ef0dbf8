"""Workflows of odd shapes: what they become, and what is said of the lines that have no equal."""

from __future__ import annotations

import pytest

from ecr_push.delivery.moving.github.move import move_workflow
from ecr_push.delivery.moving.model import Fate, Moved, NotMovedError, Wish
from tests.support.moved_workflows import FOLDER, names

HEAD = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
"""
HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
BUILD = f"""\
      - uses: docker/build-push-action@v6
        id: build
        with:
          context: .
          push: true
          tags: {HOST}/app:1
"""


def move(steps: str, *, head: str = HEAD, **wish: str) -> Moved:
    return move_workflow(head + steps, "image.yml", Wish(**wish))


def said(moved: Moved, *fates: Fate) -> list[str]:
    return [f"{one.number}: {one.text}: {one.why}" for one in moved.by_fate(*fates)]


def run(*lines: str, **keys: str) -> str:
    given = "".join(f"        {key}: {value}\n" for key, value in keys.items())
    return "      - name: x\n" + given + "        run: |\n" + "".join(f"          {one}\n" for one in lines)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("      - run: echo\n", "image.yml pushes no image that can be moved over"),
        (
            BUILD.replace(HOST, "ghcr.io/acme"),
            "line 7: ghcr.io/acme/app is not in Amazon ECR, to which alone ecr-push pushes",
        ),
        (BUILD.replace(f"{HOST}/app:1", "acme/app:1"), "acme/app is not in Amazon ECR"),
        (
            BUILD.replace(f"{HOST}/app:1", "${{ steps.x.outputs.tags }}"),
            "give --repository NAME, where the file has one image",
        ),
        (BUILD.replace("context: .", "outputs: type=image,push-by-digest=true"), "`command: build`"),
        ("      - uses: docker/bake-action@v5\n", "what it builds is in a bake file"),
        (run("docker compose build", "docker compose push"), "what it builds is in another file"),
        (BUILD.replace(f"          tags: {HOST}/app:1\n", ""), "it names no image in `tags`"),
        (
            "      - {uses: docker/build-push-action@v6, env: {A: b}, with: {push: true, tags: x}}\n",
            "it has `env` within braces",
        ),
        (
            run("npm test", f"docker build -t {HOST}/a:1 .", f"docker push {HOST}/a:1", **{"if": "always()"}),
            "a push is not to have its condition, always()",
        ),
    ],
)
def test_what_is_not_taken_over_is_said_with_its_line(steps: str, why: str) -> None:
    with pytest.raises(NotMovedError) as error:
        move(steps)
    assert why in str(error.value)


@pytest.mark.parametrize("text", ["", "- a\n", "a: b\n", "jobs: 1\n", "jobs: {}\n---\njobs: {}\n"])
def test_what_is_not_a_workflow(text: str) -> None:
    with pytest.raises(NotMovedError, match=r"is not a workflow|pushes no image"):
        move_workflow(text, "image.yml", Wish())


def test_line_ends_and_the_rest_of_the_file_stay() -> None:
    before = "# ours\n" + HEAD + BUILD + "\n      # after\n      - run: echo # kept\n\n# the end\n"
    moved = move_workflow(before.replace("\n", "\r\n"), "image.yml", Wish())
    assert moved.text.count("\r\n") == moved.text.count("\n")
    text = moved.text.replace("\r\n", "\n")
    assert text.startswith("# ours\non: push\n")
    assert text.endswith("\n\n      # after\n      - run: echo # kept\n\n# the end\n")


def test_a_second_time_there_is_nothing_to_move() -> None:
    for name in names():
        path = FOLDER / "workflows" / f"{name}.yml"
        once = move_workflow(path.read_text(encoding="utf-8"), path.name, Wish())
        with pytest.raises(NotMovedError):
            move_workflow(once.text, path.name, Wish())


def test_what_the_user_says_comes_before_the_file() -> None:
    moved = move(BUILD, repository="team/app", region="us-east-1", gate=True)  # type: ignore[arg-type]
    assert "repository: team/app\n          region: us-east-1\n" in moved.text
    assert "observe" not in moved.text


def test_an_output_that_ours_lacks() -> None:
    moved = move(BUILD + "      - run: echo ${{ steps.build.outputs.imageid }}\n")
    assert said(moved, "no equal") == [
        "13: steps.build.outputs.imageid: docs/github.md lists the outputs that there are"
    ]


def test_provenance_that_the_action_made_by_itself_is_named() -> None:
    assert any("provenance: true" in step for step in move(BUILD).steps)
    explicit = BUILD.replace("context: .", "provenance: mode=max")
    assert not any("provenance: true" in step for step in move(explicit).steps)
    assert "provenance: mode=max" in move(explicit).text


def test_the_cache_of_github_gets_what_it_needs_once() -> None:
    cached = BUILD.replace("context: .", "cache-to: type=gha")
    assert move(cached).text.count("crazy-max/ghaction-github-runtime@") == 1
    own = "      - uses: crazy-max/ghaction-github-runtime@v3\n"
    assert move(own + cached).text.count("crazy-max/ghaction-github-runtime@") == 1


def test_a_checkout_that_docker_made_itself_becomes_a_step() -> None:
    moved = move(BUILD, head=HEAD.replace("      - uses: actions/checkout@v4\n", ""))
    assert "- uses: actions/checkout@" in moved.text and "fetch-depth: 0 #" in moved.text


def test_credentials_stay_where_another_step_needs_them() -> None:
    role = "arn:aws:iam::111122223333:role/x"
    credentials = (
        "      - uses: aws-actions/configure-aws-credentials@v4\n"
        f"        with: {{role-to-assume: '{role}', aws-region: eu-west-1}}\n"
    )
    assert f"role-to-assume: {role}\n" in move(credentials + BUILD).text
    assert "configure-aws-credentials" not in move(credentials + BUILD).text
    for step in ("      - run: aws s3 ls\n", "      - uses: acme/deploy@v1\n"):
        assert credentials in move(credentials + BUILD + step).text


def test_commands_around_a_push_stay_in_their_order() -> None:
    name = f"{HOST}/app:$GITHUB_SHA"
    text = move(run("npm ci", f"docker build -t {name} .", f"docker push {name}", "helm upgrade app .")).text
    assert text.index("npm ci") < text.index("uses: ecr-push/") < text.index("helm upgrade app .")
    assert "docker" not in text


def test_a_scan_that_refused_images_refuses_them_still() -> None:
    scan = "      - uses: alexjurkiewicz/ecr-scan-image@v2\n        with: {fail_threshold: medium}\n"
    text = move(BUILD + scan).text
    assert "fail-on: medium\n" in text and "observe" not in text


def test_a_repository_for_several_images_is_refused() -> None:
    with pytest.raises(NotMovedError, match="pushes 2 images, in lines 7, 13: leave it out"):
        move(BUILD + BUILD.replace("id: build", "id: other"), repository="team/app")


def test_repositories_with_tags_of_their_own_each() -> None:
    moved = move(BUILD.replace(f"{HOST}/app:1", f"{HOST}/app:1,{HOST}/copy:2"))
    assert f"to: {HOST}/copy\n" in moved.text
    assert "have tags of their own each" in said(moved, "no equal")[0]


def test_the_folder_of_all_scripts_is_that_of_a_build() -> None:
    head = HEAD.replace("    steps:", "    defaults: {run: {working-directory: services/api}}\n    steps:")
    script = run(f"docker build -t {HOST}/a:1 -f ci/Dockerfile .", f"docker push {HOST}/a:1")
    text = move(script, head=head).text
    assert "context: services/api\n" in text and "dockerfile: services/api/ci/Dockerfile\n" in text


def test_a_script_of_another_shell_is_not_read() -> None:
    with pytest.raises(NotMovedError):
        move(run(f"docker build -t {HOST}/a:1 .", f"docker push {HOST}/a:1", shell="pwsh"))


def test_a_command_whose_output_is_a_tag_fails_as_it_did() -> None:
    script = run("set -x", f"docker build -t {HOST}/a:$(./version) .", f"docker push {HOST}/a:$(./version)")
    text = move(script).text
    assert "          VALUE=$(./version)\n          printf '%s\\n' \"value<<$OUTPUT_END\"" in text
    assert "type=raw,value=${{ steps.values.outputs.value }}\n" in text


def test_a_variable_of_the_machine_is_asked_of_a_shell() -> None:
    script = run(f"docker build --build-arg WHO=$USER -t {HOST}/a:1 .", f"docker push {HOST}/a:1")
    text = move(script.replace("name: x", "name: x\n        timeout-minutes: 5")).text
    assert '"value<<$OUTPUT_END" "${USER}" "$OUTPUT_END" >> "$GITHUB_OUTPUT"' in text
    assert "build-arg: WHO=${{ steps.values.outputs.value }}\n" in text
    assert "id: image\n        timeout-minutes: 5\n" in text


@pytest.mark.parametrize("registry", ["ghcr.io", "europe-docker.pkg.dev/acme", "acme.azurecr.io"])
def test_a_registry_that_a_variable_names_is_looked_up(registry: str) -> None:
    head = f"env: {{REGISTRY: {registry}}}\n{HEAD}"
    for steps in (
        BUILD.replace(HOST, "${{ env.REGISTRY }}"),
        run("docker build -t ${{ env.REGISTRY }}/app:1 .", "docker push ${{ env.REGISTRY }}/app:1"),
        run("docker build -t $REGISTRY/app:1 .", "docker push $REGISTRY/app:1"),
    ):
        with pytest.raises(NotMovedError, match="not in Amazon ECR"):
            move(steps, head=head)
    assert "uses: ecr-push" in move(steps, head=head.replace(registry, HOST)).text


def test_an_image_that_is_built_once_for_each_tag_is_one_image() -> None:
    image = f"{HOST}/app"
    script = run(
        f"docker build -t {image}:$GITHUB_SHA .",
        f"docker build -t {image}:latest .",
        f"docker push {image}:$GITHUB_SHA",
        f"docker push {image}:latest",
    )
    text = move(script).text
    assert text.count("uses: ecr-push/") == 1
    assert "type=sha,format=long,prefix=\n            type=raw,value=latest\n" in text
    other = script.replace(f"-t {image}:latest .", f"-t {image}:latest --target test .")
    assert move(other).text.count("uses: ecr-push/") == 2


def test_an_action_that_may_pull_the_image_keeps_the_login() -> None:
    login = "      - {id: login, uses: aws-actions/amazon-ecr-login@v2}\n"
    build = BUILD.replace(HOST, "${{ steps.login.outputs.registry }}")
    name = "${{ steps.login.outputs.registry }}/app:1"
    scan = f"      - uses: aquasecurity/trivy-action@v1\n        with:\n          image-ref: {name}\n"
    text = move(login + build + scan).text
    assert "image-ref: ${{ steps.build.outputs.image }}\n" in text and login in text
    assert login not in move(login + build).text


def test_a_value_is_handed_on_between_delimiters_that_no_file_knows() -> None:
    script = run(f"docker build -t {HOST}/a:$(./version) .", f"docker push {HOST}/a:$(./version)")
    lines = [line.strip() for line in move(script).text.splitlines()]
    at = lines.index("VALUE=$(./version)")
    assert lines[at - 1] == "OUTPUT_END=$(dd if=/dev/urandom bs=15 count=1 status=none | base64)"
    assert (
        lines[at + 1] == """printf '%s\\n' "value<<$OUTPUT_END" "$VALUE" "$OUTPUT_END" >> "$GITHUB_OUTPUT\""""
    )


@pytest.mark.parametrize(
    ("value", "is_unsafe"),
    [("$(jq -r .version package.json)", True), ("$(git rev-parse HEAD)", False), ("$GITHUB_REF_NAME", False)],
)
def test_outputs_of_lines_that_stay_are_looked_at(value: str, *, is_unsafe: bool) -> None:
    out = f'echo "tag={value}" >> $GITHUB_OUTPUT'
    for steps in (run("npm ci", out) + BUILD, run("npm ci", out, f"docker build -t {HOST}/a:1 .",
                  f"docker push {HOST}/a:1") + run("echo ${{ steps.x.outputs.tag }}")):  # fmt: skip
        found = said(move(steps.replace("name: x", "id: x")), "unsafe")
        assert [one.partition(": a value with a second line")[0] for one in found] == (
            [f"10: {out}"] if is_unsafe else []
        )


def test_an_output_that_a_line_hands_on_already_is_handed_on_once() -> None:
    out = 'echo "tag=$(./version)" >> $GITHUB_OUTPUT'
    steps = run("npm ci", out, f"docker build -t {HOST}/a:1 .", f"docker push {HOST}/a:1", id="x")
    text = move(steps + run("echo ${{ steps.x.outputs.tag }}")).text
    assert text.count("GITHUB_OUTPUT") == 1 and "steps.x.outputs.tag" in text


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ('"tag=$(a) $(b)"', ['TAG="$(a) $(b)"', '"tag<<$OUTPUT_END" "$TAG" "$OUTPUT_END"']),
        ('"tag=$(a); b"', ['TAG="$(a); b"', '"tag<<$OUTPUT_END" "$TAG" "$OUTPUT_END"']),
        ("tag=$(a)", ["TAG=$(a)", '"tag<<$OUTPUT_END" "$TAG" "$OUTPUT_END"']),
        ("""'tag=x"`$'"$(a)\"""", ['TAG="x\\"\\`\\$$(a)"', '"tag<<$OUTPUT_END" "$TAG" "$OUTPUT_END"']),
        ("""'tag=a: "b" #`c`'""", ['"tag<<$OUTPUT_END" "a: \\"b\\" #\\`c\\`" "$OUTPUT_END"']),
        ("tag=1.10", ['"tag<<$OUTPUT_END" "1.10" "$OUTPUT_END"']),  # a number in YAML
        ("tag=0x1f", ['"tag<<$OUTPUT_END" "0x1f" "$OUTPUT_END"']),
    ],
)
def test_an_output_that_is_handed_on_is_the_same_text(value: str, lines: list[str]) -> None:
    script = run(f"docker build -t {HOST}/a:1 .", f"docker push {HOST}/a:1",
                 f"echo {value} >> $GITHUB_OUTPUT", id="x")  # fmt: skip
    text = move(script + "      - run: echo\n        env: {TAG: '${{ steps.x.outputs.tag }}'}\n").text
    for line in lines:
        assert line in text
    assert "env: {TAG: '${{ steps.values.outputs.tag }}'}" in text


def test_an_output_called_path_leaves_the_shells_path_alone() -> None:
    script = run(f"docker build -t {HOST}/a:1 .", f"docker push {HOST}/a:1",
                 'echo "path=$(pwd)" >> $GITHUB_OUTPUT', id="x")  # fmt: skip
    text = move(script + run("echo ${{ steps.x.outputs.path }}")).text
    assert "          PATH_VALUE=$(pwd)\n" in text
    assert '"path<<$OUTPUT_END" "$PATH_VALUE" "$OUTPUT_END"' in text


@pytest.mark.parametrize("value", ["app-1", "host:5000/app", "v${{ github.run_number }}"])
def test_an_output_that_is_a_word_stands_where_it_is_used(value: str) -> None:
    script = run(f"docker build -t {HOST}/a:1 .", f"docker push {HOST}/a:1",
                 f'echo "tag={value}" >> $GITHUB_OUTPUT', id="x")  # fmt: skip
    text = move(script + "      - run: echo\n        env: {TAG: '${{ steps.x.outputs.tag }}'}\n").text
    assert f"env: {{TAG: '{value}'}}" in text and "OUTPUT_END" not in text


def test_secrets_in_build_arguments_are_named_with_their_lines() -> None:
    arguments = """          build-args: |
            APP_ENV=production
            NPM_TOKEN=${{ secrets.NPM }}
            WHO=${{ secrets['WHO'] }}
            PUBLIC_KEY=x
"""
    moved = move(BUILD + arguments)
    first, second = said(moved, "unsafe")
    assert first == (
        "15: build argument NPM_TOKEN: it is a secret of the CI: the image's history shows its value. "
        "`secrets: NPM_TOKEN=${{ secrets.NPM }}` hands it over for one step, "
        "RUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN …, in place of ARG NPM_TOKEN"
    )
    assert second.startswith("16: build argument WHO: it is a secret of the CI")
    assert "NPM_TOKEN=${{ secrets.NPM }}" in moved.text


def test_a_secret_of_the_environment_in_a_scripts_build_argument() -> None:
    build = f"docker build --build-arg TOKEN=$T --build-arg A=$B -t {HOST}/a:1 ."
    script = run(build, f"docker push {HOST}/a:1", env="{T: '${{ secrets.X }}', B: c}")
    (only,) = said(move(script), "unsafe")
    assert (
        only.startswith("10: build argument TOKEN: it is a secret")
        and "`secrets: TOKEN=${{ secrets.X }}`" in only
    )


@pytest.mark.parametrize(
    ("on", "checkout", "is_its_own"),
    [
        ("push", "", True),
        ("{push: {tags: [v*]}, release: {}, workflow_dispatch: {}}", "", True),
        ("[push, pull_request]", "", False),
        ("{push: {}, schedule: [{cron: 0 0 * * *}]}", "", False),
        ("workflow_run", "", False),
        ("push", "\n        with: {ref: next}", False),
        ("push", "\n        with: {repository: acme/other}", False),
    ],
)
def test_the_commit_is_its_own_tag_where_it_is_what_is_built_and_built_once(
    on: str, checkout: str, *, is_its_own: bool
) -> None:
    """Such a tag stays with its image, which then needs no candidate's tag to be kept."""
    head = HEAD.replace("on: push", f"on: {on}").replace("checkout@v4", f"checkout@v4{checkout}")
    sha = "${{ github.sha }}"
    script = run(f"docker build -t {HOST}/a:v-{sha} .", f"docker push {HOST}/a:v-{sha}")
    for steps, before in ((BUILD.replace("app:1", f"app:{sha}"), ""), (script, "v-")):
        text = move(steps, head=head).text
        assert (f"type=sha,format=long,prefix={before}\n" in text) is is_its_own
        assert (f"type=raw,value={before}{sha}\n" in text) is not is_its_own


@pytest.mark.parametrize(
    "argument", ["NPM_TOKEN=npm_0123456789", "INDEX=https://ci:hunter22@pypi.example/simple"]
)
def test_a_secret_that_stands_in_the_file_is_not_shown_again(argument: str) -> None:
    (line,) = move(BUILD + f"          build-args: {argument}\n").by_fate("unsafe")
    name, _, value = argument.partition("=")
    assert f"`secret: id={name},env={name}`" in line.why
    assert value not in line.why + line.text + line.became


def test_a_step_that_another_one_asks_about_stays() -> None:
    login = "      - {id: login, uses: aws-actions/amazon-ecr-login@v2}\n"
    name = f'      - id: name\n        run: echo "image={HOST}/app:1" >> $GITHUB_OUTPUT\n'
    asked = ("login.outcome", "name.conclusion", "name.outputs.image")
    asks = f"      - run: echo {' '.join(f'${{{{ steps.{one} }}}}' for one in asked)}\n"
    text = move(login + BUILD + name + asks).text
    assert login in text and "id: name\n" in text
    text = move(login + BUILD + name + asks.replace("outcome", "x").replace("conclusion", "x")).text
    assert login not in text and "id: name\n" not in text
