"""What a script does with images, as settings of a run and as lines."""

from __future__ import annotations

import pytest

from ecr_push.delivery.moving.build_options import DIFFERS
from ecr_push.delivery.moving.gather import BuiltImage
from ecr_push.delivery.moving.image_move import FileMove, move_images
from ecr_push.delivery.moving.model import Wish
from ecr_push.delivery.moving.shell.read import read_script
from ecr_push.delivery.moving.shell.reader import NOT_KNOWN
from ecr_push.delivery.moving.shell_writer import can_say, enable, push, run_lines, secret
from ecr_push.delivery.moving.ways import Place, Ways

HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def move(text: str, wish: Wish | None = None) -> FileMove:
    script = read_script(f"R={HOST}\n{text}")

    def place(image: BuiltImage) -> Place:
        return Place(image.first, image.first.folder)

    ways = Ways(enable, can_say, place, secret, push, stored={"STORED"})
    return move_images([script], wish or Wish(gate=True), ways)


def settings(text: str, wish: Wish | None = None) -> list[str]:
    (image,) = move(text, wish).images
    return [f"{key}={value.source}" for key, value in image.settings if key != "repository"]


def fates(text: str) -> list[str]:
    return [f"{one.number - 1}: {one.fate}: {one.became or one.why}" for one in move(text).lines]


BUILDS = {
    "docker build -t $R/a .; docker push $R/a": ["tags=type=raw,value=latest"],
    "docker build -t $R/a:1 -t b . && docker push $R/a:1": ["tags=type=raw,value=1"],
    "docker build -t b . && docker tag b $R/a:1 && docker push $R/a:1": ["tags=type=raw,value=1"],
    "docker build -t $R/a:1 -t $R/a:2 . && docker push -a $R/a":
        ["tags=type=raw,value=1", "tags=type=raw,value=2"],
    "docker buildx build --push -t $R/a:1 --platform linux/arm64 .":
        ["platform=linux/arm64", "tags=type=raw,value=1"],
    "docker buildx build --output type=registry -t $R/a:1 .": ["tags=type=raw,value=1"],
    "/kaniko/executor -c . -d $R/a:1 --dockerfile x": ["dockerfile=x", "tags=type=raw,value=1"],
    "docker build -t $R/a:1 --pull --no-cache --cache-from $R/a:c --build-arg A=$B . && docker push $R/a:1":
        ["pull=true", "no-cache=true", f"cache-from={HOST}/a:c", "build-arg=A=${B}", "tags=type=raw,value=1"],
    "docker build -t $R/a:1 --provenance=false --sbom=true . && docker push $R/a:1":
        ["provenance=off", "sbom=true", "tags=type=raw,value=1"],
    "cd x && docker build -t $R/a:1 -f y/Dockerfile . && docker push $R/a:1":
        ["dockerfile=y/Dockerfile", "tags=type=raw,value=1"],
    "T=$(git rev-parse --short=10 HEAD); docker build -t $R/a:$T .; docker push $R/a:$T":
        ["tags=type=sha,prefix=", "short-sha-length=10"],
    "T=$(cat VERSION); docker build -t $R/a:$T .; docker push $R/a:$T":
        ["tags=type=raw,value=$(cat VERSION)", "untagged-versions=move"],
    "docker build -t $R/a:1 .; docker push $R/a:1; docker tag $R/a:1 $R/b:1; docker push $R/b:1":
        [f"to={HOST}/b", "tags=type=raw,value=1"],
    "docker build -t $R/a:1 .; docker push $R/a:1; docker buildx imagetools create -t $R/a:2 $R/a:1":
        ["tags=type=raw,value=1", "tags=type=raw,value=2"],
    'docker build -t $R/a:1 -t $R/a:2 .; docker push $R/a:1; [ "$X" = y ] && docker push $R/a:2':
        ["tags=type=raw,value=1",
         'tags=type=raw,value=2,enable=$(if [ "$X" = y ]; then echo true; else echo false; fi)'],
    'docker build -t $R/a:1 -t $R/a:2 .; if a; then docker push $R/a:1; else docker push $R/a:2; fi':
        ["tags=type=raw,value=1,enable=$(if a; then echo true; else echo false; fi)",
         "tags=type=raw,value=2,enable=$(if ! { a; }; then echo true; else echo false; fi)"],
    "buildah bud -t $R/a:1 .; buildah push $R/a:1; buildah push $R/a:1 docker://$R/a:2":
        ["tags=type=raw,value=1", "tags=type=raw,value=2"],
    "podman build -t a .; podman push a $R/a:1; podman push a $R/b:1":
        [f"to={HOST}/b", "tags=type=raw,value=1"],
    "docker --config c buildx --builder b build --push -t $R/a:1 .": ["builder=b", "tags=type=raw,value=1"],
    'if [ "$X" = y ]; then docker build -t $R/a:1 .; docker push $R/a:1; fi': ["tags=type=raw,value=1"],
    "aws ecr create-repository --repository-name a; docker build -t $R/a .; docker push $R/a":
        ["tags=type=raw,value=latest", "create-repository=true"],
    "aws ecr create-repository --repository-name b; docker build -t $R/a .; docker push $R/a":
        ["tags=type=raw,value=latest"],
    "docker build -t $R/a .; docker push $R/a; N=$(aws ecr describe-image-scan-findings --query x.CRITICAL)\n"
    'if [ "$N" -gt 0 ]; then exit 1; fi': ["tags=type=raw,value=latest", "fail-on=critical"],
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BUILDS.items())
def test_settings(text: str, expected: list[str]) -> None:
    assert settings(text) == expected


def test_what_the_user_says_comes_first() -> None:
    text = "docker build -t $R/a .; docker push $R/a"
    (image,) = move(text, Wish("team/x", "eu-north-1")).images
    assert [f"{key}={value.source}" for key, value in image.settings] == [
        "repository=team/x", "region=eu-north-1", "tags=type=raw,value=latest", "observe=true",
    ]  # fmt: skip


def test_paths_are_those_from_where_the_run_stands() -> None:
    (image,) = move("(cd x && docker build -f d/Dockerfile -t $R/a ../y)\ndocker push $R/a").images
    assert image.context and image.context.source == "y"
    assert dict(image.settings)["dockerfile"].source == "x/d/Dockerfile"


def test_conditions_of_the_build_are_those_of_the_run() -> None:
    (image,) = move('if [ "$X" = y ]; then docker build -t $R/a:1 .; docker push $R/a:1; fi').images
    assert run_lines("ecr-push", image) == [
        'if [ "$X" = y ]; then', "ecr-push run", f"--repository {HOST}/a", "--tags type=raw,value=1", "; fi",
    ]  # fmt: skip


TWO = "docker build -t $R/a:1 -t $R/a:2 ."


def pushes(condition: str) -> str:
    return f"$(if {condition}; then echo --push; else echo --no-push; fi)"


RUNS = {
    # Where nothing was pushed, the image is built, and nothing is.
    'docker build -t $R/a:1 .; [ "$X" = y ] && docker push $R/a:1': pushes('[ "$X" = y ]'),
    f"{TWO}; if a; then docker push $R/a:1; if b; then docker push $R/a:2; fi; fi": pushes("a"),
    f"{TWO}; if a; then docker push $R/a:1; fi; if b; then docker push $R/a:2; fi":
        pushes("{ a; } || { b; }"),
    f"{TWO}; if a; then docker push $R/a:1; else docker push $R/a:2; fi": "",
    f"{TWO}; docker push $R/a:1; if a; then docker push $R/a:2; fi": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), RUNS.items())
def test_conditions_of_every_push_are_those_of_the_run(text: str, expected: str) -> None:
    (image,) = move(text).images
    found = dict(image.settings).get("push")
    assert (found.source if found else "") == expected


MANY = "what it builds is in another file: write a run for each image, or `images` in ecr-push.yml"
COPY = "the copy in the registry does it"
LEFT = {
    "docker build -t app:1 .": ["1: no equal: it is not pushed here"],
    "docker push $R/a": ["1: no equal: it is not built here"],
    "docker build -t team/a . && docker push team/a":
        ["1: no equal: team/a is in Docker Hub: ecr-push pushes to Amazon ECR alone",
         "1: no equal: it is not built here"],
    "docker build -t ghcr.io/a . && docker push ghcr.io/a":
        ["1: no equal: ghcr.io is not in Amazon ECR, to which alone ecr-push pushes",
         "1: no equal: it is not built here"],
    "docker build -t $R/a - < Dockerfile; docker push $R/a":
        ["1: no equal: it reads a Dockerfile from its standard input: write it to a file",
         "1: no equal: it is not built here"],
    "docker build -t $R/a $X .; docker push $R/a":
        ["1: no equal: 2 words could be its context", "1: no equal: it is not built here"],
    "docker build --frob x -t $R/a .; docker push $R/a":
        ["1: no equal: what --frob says is not known", "1: no equal: it is not built here"],
    "docker buildx bake --push": [f"1: no equal: {MANY}"],
    "docker --log-level warn compose -f a.yml --profile b push": [f"1: no equal: {MANY}"],
    "docker compose --dry-run build": [f"1: no equal: {MANY}"],
    "docker pull $R/a:1\ndocker tag $R/a:1 $R/b:1\ndocker push $R/b:1": [
        f"1: kept: {COPY}",
        f"2: no equal: `ecr-push copy {HOST}/a:1 --to {HOST}/b` does it in the registry, by the digest",
        f"3: no equal: {COPY}",
    ],
    "skopeo copy --all docker://$R/a:1 docker://$R/b:2": [
        f"1: no equal: `ecr-push copy {HOST}/a:1 --to {HOST}/b --as 2` does it in the registry, by the digest"
    ],
    "crane tag $R/a:1 live": [
        f"1: no equal: `ecr-push promote {HOST}/a:1 live` does it in the registry, for an accepted image"
    ],
    "buildah push a oci-archive:a.tar": ["1: no equal: the image is not in the engine: --export writes one"],
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LEFT.items())
def test_what_is_not_moved_says_why(text: str, expected: list[str]) -> None:
    assert not move(text).images
    assert fates(text) == expected


KUBECTL = (
    "it deploys by the tag, which only an accepted image gets; with the digest that the run prints, it "
    "deploys what was judged byte for byte"
)


def test_every_line_has_a_fate() -> None:
    text = (
        "aws ecr get-login-password | docker login --username AWS --password-stdin $R\n"
        "docker login -u x -p $P\n"
        "docker pull $R/a:latest || true\n"
        "docker build --squash --build-arg N=$(date +%s) -t $R/a:1 .\n"
        "docker push $R/a:1\n"
        "docker rmi $R/a:1\n"
        "kubectl set image deployment/a a=$R/a:1\n"
        "make docker-clean\n"
    )
    assert fates(text) == [
        "1: not needed: ecr-push logs in by itself",
        "1: not needed: ecr-push logs in by itself",
        "2: kept: the registry is another one",
        "3: not needed: BuildKit reads a cache by itself",
        "4: became: a run: build-arg",
        "4: no equal: BuildKit does not squash: use several stages",
        f"4: no equal: {DIFFERS}",
        "5: became: tags: type=raw,value=1",
        "6: not needed: nothing is left in the engine",
        f"7: kept: {KUBECTL}",
        f"8: no equal: {NOT_KNOWN}",
    ]


SECRETS = {
    "NPM_TOKEN=$T": "it looks like a secret",
    "dbPassword=x": "it looks like a secret",
    "NPM_TOKEN": "it looks like a secret",
    "A=$STORED": "it is a secret of the CI",
    "STORED": "it is a secret of the CI",
    "INDEX=https://ci:$P@pypi.example/simple": "it looks like a secret",
    "INDEX=https://pypi.example/simple": "",
    "A=$B": "",
    "PUBLIC_KEY=x": "",
    "$A=b": "",
}


@pytest.mark.parametrize(("argument", "what"), SECRETS.items())
def test_a_build_argument_that_is_a_secret_is_said_and_its_value_is_not(argument: str, what: str) -> None:
    lines = move(f"docker build --build-arg {argument} -t $R/a . && docker push $R/a").lines
    found = [one for one in lines if one.fate == "unsafe"]
    name = argument.partition("=")[0]
    assert [(one.number, one.text) for one in found] == ([(2, f"build argument {name}")] if what else [])
    if what:
        (why,) = (one.why for one in found)
        assert why == (
            f"{what}: the image's history shows its value. `--secret id={name},env={name}` hands it over for "
            f"one step, RUN --mount=type=secret,id={name},env={name} …, in place of ARG {name}"
        )


def test_an_image_that_is_tested_in_the_engine_is_built_there_too() -> None:
    text = "docker build -t $R/a:1 .\ndocker run --rm $R/a:1 npm test\ndocker push $R/a:1"
    assert [one.does.name for one in move(text).taken] == ["PUSH"]
    became, kept, run, push = fates(text)
    assert became == "1: became: a run"
    assert kept.startswith("1: kept: another command takes the image from the engine: --test-in-image")
    assert run.startswith("2: no equal: the image is not in the engine: --test-in-image")
    assert push == "3: became: tags: type=raw,value=1"
