"""The 39 commands of docker/build-push-action's own tests, and what docker gets for the same inputs here.

Each row is a test of theirs, by its number: the inputs, and their flags without `--iidfile` and
`--metadata-file`, which have no meaning of their own. Their default context, the event's commit in git, is
the checkout here, so it stands as `.` and `DIR`. Secrets stand by their id alone, on both sides.
https://github.com/docker/build-push-action/blob/v7.3.0/__tests__/context.test.ts
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecr_push.builder.attestation_options import attested
from ecr_push.builder.buildx_command import by_hand
from ecr_push.builder.destination import INTO_THE_ENGINE
from ecr_push.builder.plan import plan_build
from ecr_push.settings.declare import Settings
from ecr_push.source.git_context import address_of
from tests.support.settings import inputs, loaded, problems

AT = "https://github.com/docker/build-push-action.git#refs/heads/master"
NO_DEFAULT = "provenance is made where it is asked for: an image of one platform would become an index"
BY_DEFAULT = "--attest=inline-only=true,mode=min,type=provenance"
ONE_RUNNER = {"context": AT, "platforms": "linux/amd64,linux/arm64", "file": "./test/Dockerfile",
              "builder": "builder-git-context-2", "push": "true"}  # fmt: skip
ONE_RUNNERS = (
    *("--file=test/Dockerfile", "--platform=linux/amd64,linux/arm64", "--builder=builder-git-context-2"),
    "--push",
)
SECRETS = """GIT_AUTH_TOKEN=abcdefghi,jklmno=0123456789
{0}MYSECRET=aaaaaaaa
bbbbbbb
ccccccccc{0}
FOO=bar
{0}EMPTYLINE=aaaa

bbbb
ccc{0}"""
COMMAS = "concurrent, cache-efficient, and Dockerfile-agnostic builder toolkit"
QUOTES = 'Reference implementation of operation "filter results (top-n)"'
FOUR_KINDS = {
    "annotations": "example1=www\nindex:example2=xxx\nmanifest:example3=yyy\n"
    "manifest-descriptor[linux/amd64]:example4=zzz",
    "outputs": "type=local,dest=./release-out",
}
ANNOTATED = (
    *("--annotation=example1=www", "--annotation=index:example2=xxx", "--annotation=manifest:example3=yyy"),
    *("--annotation=manifest-descriptor[linux/amd64]:example4=zzz", "--output=type=local,dest=./release-out"),
)


@dataclass(frozen=True)
class Case:
    """with_: the inputs besides `push: false`, `context` is `.` where it is None. theirs: the flags.

    ours: what differs here, on purpose: flags, or the text of a refusal. why: says so.
    """

    with_: dict[str, str | None]
    theirs: tuple[str, ...]
    context: str = "."
    ours: tuple[str, ...] | str | None = None
    why: str = ""


CASES: dict[int, Case] = {
    0: Case({}, ()),
    1: Case(
        {"context": None, "build-args": 'MY_ARG=val1,val2,val3\nARG=val\n"MULTILINE=aaaa\nbbbb\nccc"'},
        ("--build-arg=MY_ARG=val1,val2,val3", "--build-arg=ARG=val", "--build-arg=MULTILINE=aaaa\nbbbb\nccc"),
    ),
    2: Case(
        {"context": None, "tags": "team/app:7.4, team/app:latest"},
        ("--tag=team/app:7.4", "--tag=team/app:latest"),
        ours=(),
        why="nothing is kept, so nothing has a name",
    ),
    3: Case(
        {
            "labels": "org.opencontainers.image.title=buildkit\n"
            f"org.opencontainers.image.description={COMMAS}",
            "outputs": "type=local,dest=./release-out",
        },
        (
            "--label=org.opencontainers.image.title=buildkit",
            f"--label=org.opencontainers.image.description={COMMAS}",
            "--output=type=local,dest=./release-out",
        ),
    ),
    4: Case({"platforms": "linux/amd64,linux/arm64"}, ("--platform=linux/amd64,linux/arm64",)),
    5: Case({}, ()),
    6: Case({"secrets": "GIT_AUTH_TOKEN=abcdefghijklmno=0123456789"}, ("--secret=id=GIT_AUTH_TOKEN",)),
    7: Case(
        {"context": None, "github-token": "abcdefghijklmno0123456789", "outputs": "."},
        ("--output=.", "--secret=id=GIT_AUTH_TOKEN.github.com"),
        ours="outputs: . holds the checkout",
        why="files of the image would replace those of the checkout",
    ),
    8: Case(
        {**ONE_RUNNER, "secrets": "GIT_AUTH_TOKEN=abcdefghijklmno=0123456789"},
        (*ONE_RUNNERS, "--secret=id=GIT_AUTH_TOKEN"),
        context=AT,
    ),
    9: Case(
        {**ONE_RUNNER, "secrets": SECRETS.format('"')},
        (
            *(*ONE_RUNNERS, "--secret=id=GIT_AUTH_TOKEN", "--secret=id=MYSECRET", "--secret=id=FOO"),
            "--secret=id=EMPTYLINE",
        ),
        context=AT,
    ),
    10: Case(
        {**ONE_RUNNER, "secrets": SECRETS.format("")},
        (
            *(*ONE_RUNNERS, "--secret=id=GIT_AUTH_TOKEN", "--secret=id=MYSECRET", "--secret=id=FOO"),
            "--secret=id=EMPTYLINE",
        ),
        context=AT,
        ours="secrets: value 3 of 8 is not ID=VALUE; a value of several lines stands in quotes",
        why="half a secret would be built in, with a warning",
    ),
    11: Case(
        {**ONE_RUNNER, "platforms": "", "network": "host", "secret-files": "MY_SECRET=./secret.txt"},
        (
            *(one for one in ONE_RUNNERS if "platform" not in one),
            *("--network=host", "--secret=id=MY_SECRET"),
        ),
        context=AT,
    ),
    12: Case(
        {
            "labels": "org.opencontainers.image.title=filter_results_top_n\n"
            f"org.opencontainers.image.description={QUOTES}",
            "outputs": "type=local,dest=./release-out",
        },
        (
            "--label=org.opencontainers.image.title=filter_results_top_n",
            f"--label=org.opencontainers.image.description={QUOTES}",
            "--output=type=local,dest=./release-out",
        ),
    ),
    13: Case(
        {
            "file": "./test/Dockerfile",
            "network": "host",
            "push": "true",
            "add-hosts": "docker:10.180.0.1,foo:10.0.0.1",
        },
        (
            *("--add-host=docker:10.180.0.1", "--add-host=foo:10.0.0.1", "--file=test/Dockerfile"),
            *("--network=host", "--push"),
        ),
    ),
    14: Case(
        {
            "file": "./test/Dockerfile",
            "cgroup-parent": "foo",
            "shm-size": "2g",
            "add-hosts": "docker:10.180.0.1\nfoo:10.0.0.1",
            "ulimit": "nofile=1024:1024\nnproc=3",
        },
        (
            *("--add-host=docker:10.180.0.1", "--add-host=foo:10.0.0.1", "--cgroup-parent=foo"),
            *("--file=test/Dockerfile", "--shm-size=2g", "--ulimit=nofile=1024:1024", "--ulimit=nproc=3"),
        ),
    ),
    15: Case({"context": "{{defaultContext}}:docker"}, (), context="docker"),
    16: Case(
        {"context": "{{defaultContext}}:docker", "github-token": "abcdefghijklmno0123456789"},
        ("--secret=id=GIT_AUTH_TOKEN.github.com",),
        context="docker",
        ours=(),
        why="docker fetches no repository here",
    ),
    17: Case(
        {"provenance": "true"},
        (),
        ours=(),
        why="buildx before 0.10 attests nothing there; a run that pushes ends when what was asked for lacks",
    ),
    18: Case({}, (BY_DEFAULT,), ours=(), why=NO_DEFAULT),
    19: Case({"provenance": "true", "push": "true"}, ("--attest=mode=max,type=provenance", "--push")),
    20: Case({"provenance": "mode=max", "push": "true"}, ("--attest=mode=max,type=provenance", "--push")),
    21: Case({"provenance": "false", "push": "true"}, ("--push",)),
    22: Case(
        {"provenance": "builder-id=foo", "push": "true"},
        ("--attest=builder-id=foo,mode=max,type=provenance", "--push"),
    ),
    23: Case({"outputs": "type=docker"}, ("--output=type=docker",)),
    24: Case({"load": "true"}, ("--output=type=docker",)),
    25: Case(
        {"load": "true", "build-args": "FOO=bar#baz"}, ("--build-arg=FOO=bar#baz", "--output=type=docker")
    ),
    26: Case(
        {"load": "true", "secret-envs": "MY_SECRET=MY_SECRET_ENV\nANOTHER_SECRET=ANOTHER_SECRET_ENV"},
        ("--secret=id=MY_SECRET", "--secret=id=ANOTHER_SECRET", "--output=type=docker"),
    ),
    27: Case(
        {"load": "true", "secret-envs": "MY_SECRET=MY_SECRET_ENV,ANOTHER_SECRET=ANOTHER_SECRET_ENV"},
        ("--secret=id=MY_SECRET", "--secret=id=ANOTHER_SECRET", "--output=type=docker"),
    ),
    28: Case(
        dict(FOUR_KINDS),
        ("--output=type=local,dest=./release-out", BY_DEFAULT),
        ours=ANNOTATED,
        why=f"buildx before 0.12 refuses annotations, there they are left out with a warning; {NO_DEFAULT}",
    ),
    29: Case(dict(FOUR_KINDS), (*ANNOTATED, BY_DEFAULT), ours=ANNOTATED, why=NO_DEFAULT),
    30: Case(
        {
            "outputs": 'type=image,"name=localhost:5000/name/app:latest,localhost:5000/name/app:foo",'
            "push-by-digest=true,name-canonical=true,push=true"
        },
        ("--output=type=image,…", BY_DEFAULT),
        ours="outputs: push-by-digest: for one runner a platform, use `command: build` and the input `part`",
        why="parts are joined when each was judged",
    ),
    31: Case(
        {"provenance": "mode=max", "sbom": "true", "push": "true"},
        ("--attest=mode=max,type=provenance", "--attest=type=sbom", "--push"),
    ),
    32: Case(
        {"attests": "type=provenance,mode=min", "provenance": "mode=max", "push": "true"},
        ("--attest=mode=max,type=provenance", "--push"),
        ours="attests: type=provenance contradicts --provenance: give one of them",
        why="one of two values would have no effect, without a word",
    ),
    33: Case(
        {"attests": "type=provenance,mode=min", "push": "true"},
        ("--attest=mode=min,type=provenance", "--push"),
    ),
    34: Case({}, ()),
    35: Case(
        {"context": "{{defaultContext}}", "github-token": "abcdefghijklmno0123456789"},
        ("--secret=id=GIT_AUTH_TOKEN.10.0.0.5:22827", BY_DEFAULT),
        ours=(),
        why=f"docker fetches no repository here; {NO_DEFAULT}",
    ),
    36: Case(
        {"context": "{{defaultContext}}", "github-token": "abcdefghijklmno0123456789"},
        ("--secret=id=GIT_AUTH_TOKEN.github.example.com", BY_DEFAULT),
        ours=(),
        why=f"docker fetches no repository here; {NO_DEFAULT}",
    ),
    37: Case({"context": None}, (BY_DEFAULT,), ours=(), why=NO_DEFAULT),
    38: Case({"context": None}, (BY_DEFAULT,), ours=(), why=NO_DEFAULT),
}


def test_none_of_theirs_is_missing() -> None:
    assert sorted(CASES) == list(range(39))
    assert all(bool(one.why) is (one.ours is not None) for one in CASES.values())


@pytest.mark.parametrize("number", CASES)
def test_docker_gets_the_same(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[number]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker").mkdir()
    with_ = {"context": ".", "load": "false", "no-cache": "false", "pull": "false", "push": "false"}
    given = inputs({name: text for name, text in {**with_, **case.with_}.items() if text})
    if isinstance(case.ours, str):
        assert case.ours in problems(tmp_path, flags={"context": None}, **given)[0]
        return
    flags, context = _flags(tmp_path, given)
    assert sorted(flags) == sorted(case.theirs if case.ours is None else case.ours)
    assert context == case.context


def _flags(folder: Path, given: dict[str, str]) -> tuple[list[str], str]:
    """The flags that say what is built and where it goes, and the context."""
    settings = loaded(folder, flags={"context": None}, **given)
    options = settings.destination
    context = settings.source.context
    plan = plan_build(settings.builder, Path(context), remote=address_of(context))
    outputs = (*((INTO_THE_ENGINE,) if options.load else ()), *options.exports)
    more = ("--push",) if not options.stays_here else tuple(f"--output={one}" for one in outputs)
    *flags, said = by_hand(plan, more)[3:]
    own = f"--file={Path(plan.context, 'Dockerfile')}"
    dropped = ("--progress=plain", "--provenance=", "--sbom=", own)
    found = [*flags, *_labels(settings), *_attests(settings, attesting="--push" in more)]
    args = dict(plan.args)
    return [_shown(one, args) for one in found if not one.startswith(dropped)], said


def _labels(settings: Settings) -> Iterator[str]:
    tags = settings.tags
    yield from (f"--label={one}" for one in tags.labels)
    yield from (f"--annotation={one}" for one in tags.annotations)


def _attests(settings: Settings, *, attesting: bool) -> Iterator[str]:
    """In the other form of docker's; what is only checked makes none."""
    attestations = attested(settings.attestations)
    for one in attestations.bake() if attesting else ():
        if "disabled=true" not in one:
            yield f"--attest={','.join(sorted(one.split(',')))}"


def _shown(flag: str, args: Mapping[str, str]) -> str:
    """A build argument with its value, a secret with its id alone."""
    name, _, value = flag.partition("=")
    if name == "--build-arg":
        return f"{flag}={args[value]}"
    return flag.partition(",")[0] if name == "--secret" else flag
