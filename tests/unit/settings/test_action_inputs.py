"""docker/build-push-action's inputs: what each gives, and what is refused with which words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecr_push.builder.buildkit_inputs import flags, inputs_of
from ecr_push.builder.buildx_command import by_hand
from ecr_push.builder.plan import BuildPlan, plan_build
from ecr_push.settings import declare as declared
from ecr_push.settings.action_inputs import ALIASES, secret_variables
from ecr_push.source.git_context import address_of
from tests.support.paths import ROOT
from tests.support.settings import inputs, loaded, problems, value_of

# https://github.com/docker/build-push-action/blob/v7.3.0/action.yml
PEERS = frozenset(
    (
        *("add-hosts", "allow", "annotations", "attests", "build-args", "build-contexts", "builder"),
        *("cache-from", "cache-to", "call", "cgroup-parent", "context", "file", "labels", "load", "network"),
        *("no-cache", "no-cache-filters", "outputs", "platforms", "provenance", "pull", "push", "sbom"),
        *("secrets", "secret-envs", "secret-files", "shm-size", "ssh", "tags", "target", "ulimit"),
        "github-token",
    )
)


def test_each_of_its_inputs_is_ours_or_an_alias() -> None:
    own = {declared.key(one) for one in declared.options("run")}
    assert len(PEERS) == 33
    assert own | set(ALIASES) >= PEERS
    assert not own & set(ALIASES) and set(ALIASES) <= PEERS
    names = {one.name for one in declared.options("run")}
    assert {one.option for one in ALIASES.values()} <= names


def test_the_documentation_has_each_of_them() -> None:
    text = (ROOT / "docs" / "building.md").read_text(encoding="utf-8").partition("## Coming from")[2]
    table = [line for line in text.splitlines() if line.startswith("| `")]
    assert {name for line in table for name in re.findall(r"`([a-z-]+)[`:]", line.split("|")[1])} == PEERS


# What `with:` has, the option, and its value.
GIVES: list[tuple[dict[str, str], str, object]] = [
    ({"file": "test/Dockerfile"}, "dockerfile", "test/Dockerfile"),
    ({"file": "a.Dockerfile", "context": "{{defaultContext}}:docker"}, "dockerfile", "docker/a.Dockerfile"),
    ({"file": "a.Dockerfile", "context": "{{ defaultContext }}"}, "dockerfile", "a.Dockerfile"),
    ({"context": "{{defaultContext}}"}, "context", "."),
    ({"platforms": "linux/amd64, linux/arm64"}, "platforms", ("linux/amd64", "linux/arm64")),
    ({"platforms": "linux/amd64\nlinux/arm64"}, "platforms", ("linux/amd64", "linux/arm64")),
    ({"build-args": 'A=1,2\n# no\n"M=a\n\nb"\nF=x#y'}, "build_args", ("A=1,2", "M=a\n\nb", "F=x#y")),
    ({"labels": 'a.b=c, d\nt=operation "x (n)"'}, "labels", ("a.b=c, d", 't=operation "x (n)"')),
    (
        {"annotations": "a=w\nindex:b=x\nmanifest:c=y\nmanifest-descriptor[linux/amd64]:d=z"},
        "annotations",
        ("a=w", "index:b=x", "manifest:c=y", "manifest-descriptor[linux/amd64]:d=z"),
    ),
    (
        {"build-contexts": "lib={{defaultContext}}:lib\nr=docker-image://a:3"},
        "build_contexts",
        ("lib=lib", "r=docker-image://a:3"),
    ),
    ({"build-contexts": "all={{defaultContext}}"}, "build_contexts", ("all=.",)),
    ({"add-hosts": "a:10.0.0.1,b:10.0.0.2"}, "add_hosts", ("a:10.0.0.1", "b:10.0.0.2")),
    ({"no-cache-filters": "one, two"}, "no_cache_filter", ("one", "two")),
    ({"secret-envs": "A=X,B=Y"}, "secrets", ("id=A,env=X", "id=B,env=Y")),
    ({"secret-files": "A=./a.txt\nB=b"}, "secrets", ("id=A,src=./a.txt", "id=B,src=b")),
    (
        {"secrets": "GIT_AUTH_TOKEN=abc,d=e\nB=2"},
        "secrets",
        ("id=GIT_AUTH_TOKEN,env=ECRPUSH_SECRET_1", "id=B,env=ECRPUSH_SECRET_2"),
    ),
    ({"secrets": "A=1", "secret-envs": "B=Y"}, "secrets", ("id=A,env=ECRPUSH_SECRET_1", "id=B,env=Y")),
    ({"allow": "network.host,security.insecure"}, "allow", ("network.host", "security.insecure")),
    ({"outputs": "type=registry"}, "compression", ""),
    ({"outputs": "type=image,push=true,oci-mediatypes=true"}, "compression", ""),
    (
        {"outputs": "type=image,push=true,compression=zstd,compression-level=19,force-compression=true"},
        "compression",
        "zstd,level=19,force",
    ),
    ({"ulimit": "nofile=1024:1024\nnproc=3"}, "ulimits", ("nofile=1024:1024", "nproc=3")),
    ({"github-token": "t"}, "secrets", ()),
    (
        {"github-token": "t", "build-contexts": "r=https://github.com/a/b.git#v1"},
        "secrets",
        ("id=GIT_AUTH_TOKEN.github.com,env=ECRPUSH_SECRET_TOKEN",),
    ),
    (
        {"github-token": "t", "secrets": "GIT_AUTH_TOKEN=u", "build-contexts": "r=https://github.com/a/b.git#v1"},
        "secrets",
        ("id=GIT_AUTH_TOKEN,env=ECRPUSH_SECRET_1",),
    ),
    ({"provenance": "mode=max"}, "provenance", "mode=max"),
    ({"provenance": "true"}, "provenance", "true"),
    ({"sbom": "generator=a/b:1"}, "sbom", "generator=a/b:1"),
    (
        {"attests": "type=sbom,generator=a/b:1\ntype=provenance,mode=min"},
        "attests",
        ("type=sbom,generator=a/b:1", "type=provenance,mode=min"),
    ),
    ({"push": "false"}, "push", False),
    ({"push": "true"}, "push", True),
    ({"push": ""}, "push", None),
    ({"load": "true", "tags": "shop:test"}, "load", True),
    ({"load": "false"}, "load", False),
    ({"outputs": "out"}, "exports", ("type=local,dest=out",)),
    ({"outputs": "type=oci,dest=a.tar,compression=zstd\ntype=tar,dest=b.tar"}, "exports",
     ("type=oci,dest=a.tar,compression=zstd", "type=tar,dest=b.tar")),
    ({"outputs": "type=docker"}, "exports", ("type=docker",)),
    ({"outputs": "type=oci,dest=a.tar,compression=zstd"}, "compression", ""),
]  # fmt: skip


@pytest.mark.parametrize(("with_", "name", "expected"), GIVES)
def test_what_an_input_gives(
    with_: dict[str, str], name: str, expected: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    context = None if "context" in with_ else "."
    (tmp_path / "docker").mkdir()
    found = value_of(loaded(tmp_path, flags={"context": context}, **inputs(with_)), name)
    assert found == expected


# What `with:` has, and what docker gets of it: flags in the order of the command, and build arguments.
AT = "https://github.com/docker/build-push-action.git#refs/heads/master"
ARGV: list[tuple[dict[str, str], list[str], dict[str, str]]] = [
    ({"context": "{{defaultContext}}:docker"}, ["--file=docker/Dockerfile", "docker"], {}),
    (
        {
            "context": AT,
            "platforms": "linux/amd64,linux/arm64",
            "secrets": "GIT_AUTH_TOKEN=abcdefghijklmno=0123456789\nFOO=bar",
            "file": "./test/Dockerfile",
            "builder": "builder-git-context-2",
            "push": "true",
        },
        [
            "--file=test/Dockerfile",
            "--platform=linux/amd64,linux/arm64",
            "--builder=builder-git-context-2",
            "--secret=id=GIT_AUTH_TOKEN,env=ECRPUSH_SECRET_1",
            "--secret=id=FOO,env=ECRPUSH_SECRET_2",
            AT,
        ],
        {},
    ),
    (
        {
            "cache-from": "user/app:cache\ntype=gha,scope=x",
            "cache-to": "type=gha,mode=max",
            "no-cache-filters": "a,b",
            "pull": "true",
            "target": "prod",
            "secret-files": "MY_SECRET=./secret.txt",
        },
        [
            "--file=Dockerfile",
            "--target=prod",
            "--secret=id=MY_SECRET,src=./secret.txt",
            "--cache-from=user/app:cache",
            "--cache-from=type=gha,scope=x",
            "--cache-to=type=gha,mode=max",
            "--no-cache-filter=a",
            "--no-cache-filter=b",
            "--pull",
            ".",
        ],
        {},
    ),
]


@pytest.mark.parametrize(("with_", "expected", "args"), ARGV)
def test_what_docker_gets(
    with_: dict[str, str],
    expected: list[str],
    args: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = loaded(tmp_path, flags={"context": None}, **inputs(with_))
    context = given.source.context
    plan = plan_build(given.builder, Path(context), remote=address_of(context))
    always = by_hand(BuildPlan(Path(), Path()), ())[:-2]
    assert list(by_hand(plan, ())[len(always) :]) == expected
    assert dict(plan.args) == args


def test_the_token_is_for_the_github_of_the_run(tmp_path: Path) -> None:
    with_ = {"github-token": "t", "build-contexts": "r=http://10.0.0.5:227/a/b.git#v1"}
    said = loaded(tmp_path, GITHUB_SERVER_URL="http://10.0.0.5:227", **inputs(with_)).builder
    assert "--secret=id=GIT_AUTH_TOKEN.10.0.0.5:227,env=ECRPUSH_SECRET_TOKEN" in list(flags(inputs_of(said)))
    for own in ("GIT_AUTH_TOKEN", "GIT_AUTH_TOKEN.10.0.0.5:227"):  # the user's own secret comes before it
        with_ |= {"secrets": f"{own}=mine"}
        said = loaded(tmp_path, GITHUB_SERVER_URL="http://10.0.0.5:227", **inputs(with_)).builder
        assert said.secrets == (f"id={own},env=ECRPUSH_SECRET_1",)


def test_values_of_secrets_become_variables() -> None:
    text = 'A=abc=def\n"KEY=a\nb\n\n"\nNONE=\n'
    found = secret_variables(inputs({"secrets": text, "github-token": "t"}))
    assert found == {
        "ECRPUSH_SECRET_1": "abc=def",
        "ECRPUSH_SECRET_2": "a\nb\n\n",
        "ECRPUSH_SECRET_3": "",
        "ECRPUSH_SECRET_TOKEN": "t",
    }
    assert secret_variables({}) == {}


REFUSALS: list[tuple[dict[str, str], str]] = [
    ({"push": "perhaps"}, "ECR_PUSH_PUSH: 'perhaps' is neither"),
    ({"push": "true", "load": "true"}, "ECR_PUSH_PUSH: contradicts --load, which pushes nothing"),
    ({"push": "true", "outputs": "type=tar,dest=a.tar"}, "ECR_PUSH_PUSH: contradicts --export"),
    ({"outputs": "type=local,dest=."}, "outputs: . holds the checkout"),
    ({"outputs": "type=tar"}, "outputs: type=tar needs dest=FILE"),
    ({"outputs": "type=image,name=a/b,push-by-digest=true,push=true"}, "use `command: build`"),
    ({"outputs": "type=image,push=false"}, "outputs: type=image without push=true keeps nothing"),
    ({"outputs": "type=registry\ntype=tar,dest=a"}, "outputs: a run pushes the image, or writes it"),
    ({"outputs": "type=registry\ntype=image,push=true"}, "outputs: several: a run pushes one image"),
    ({"outputs": "type=registry,name=a/b"}, "outputs: name: a run pushes to the input `repository`"),
    ({"outputs": 'type=image,"name=a:1,a:2",push=true'}, "outputs: name: a run pushes to the input"),
    ({"outputs": "type=registry,buildinfo=true"}, "outputs: buildinfo: beside push=true there are"),
    ({"outputs": "type=registry", "push": "false"}, "outputs: it pushes the image, and push: false"),
    ({"outputs": "type=image,push=true", "load": "true"}, "outputs: it pushes the image, and load: true"),
    ({"outputs": "type=registry,compression-level=3"}, "outputs: compression-level and force-"),
    ({"outputs": "type=registry,compression=lz4"}, "outputs: 'lz4': expected gzip or zstd"),
    ({"attests": "type=signature"}, "attests: 'type=signature': expected type=provenance or type=sbom"),
    ({"attests": "type=sbom", "sbom": "true"}, "attests: type=sbom contradicts --sbom: give one of them"),
    ({"file": "a", "dockerfile": "b"}, "file: dockerfile (ECR_PUSH_DOCKERFILE) is given too"),
    ({"secret-envs": "A=B", "secret": "id=A,env=B"}, "secret-envs: secret (ECR_PUSH_SECRET) is given too"),
    ({"platforms": "linux"}, "platforms: 'linux' is not a valid platform"),
    ({"build-args": '"A=1'}, 'build-args: a quote (") is not closed'),
    ({"secrets": "A=hunter2\nhunter3"}, "secrets: value 2 of 2 is not ID=VALUE"),
    ({"secret-files": "A"}, "secret-files: value 1 of 1: expected ID=FILE"),
    ({"tags": "team/app:1.4.2, b/c:latest"}, "line 1: an image of b/c, and a run pushes to team/app alone"),
]  # fmt: skip


@pytest.mark.parametrize(("with_", "text"), REFUSALS)
def test_what_is_refused_says_why(with_: dict[str, str], text: str, tmp_path: Path) -> None:
    (found,) = problems(tmp_path, **inputs(with_))
    assert text in found
    assert "hunter" not in found


def test_build_checks_push_nothing(tmp_path: Path) -> None:
    assert not problems(tmp_path, **inputs({"push": "false", "call": "check"}))


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    with_ = {
        "outputs": "type=image,push=false",
        "attests": "x",
        "platforms": "x",
        "secret-envs": "A",
    }
    found = problems(tmp_path, **inputs(with_))
    assert sorted(one.partition(":")[0] for one in found) == sorted(with_)


def test_tags_that_name_the_repository_are_its_tags(tmp_path: Path) -> None:
    host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    with_ = {"tags": f"{host}/team/app:1.4.2\nteam/app:edge, team/app:x"}
    rules = value_of(loaded(tmp_path, **inputs(with_)), "tag_rules")
    assert [one.value.text for one in rules] == ["1.4.2", "edge", "x"]
    other = problems(tmp_path, ECR_PUSH_TAGS="docker.io/team/app:1")
    assert "an image of docker.io/team/app" in other[0]
