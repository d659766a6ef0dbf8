"""What podman and buildah are asked for, and what they are not, as tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.base.reference import Repository, Tag, parse_repository
from ecr_push.builder.attestations import Attestations
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.compression import compression_of
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.podman_command import (
    Arguments,
    Flags,
    arguments,
    build_command,
    by_hand,
    flags_in,
    push_command,
    refusals,
)

PLAN = BuildPlan(Path("app"), Path("app/Dockerfile"))
_BUILD = frozenset(
    {
        *(
            "--secret",
            "--ssh",
            "--build-context",
            "--no-cache",
            "--pull",
            "--network",
            "--add-host",
            "--ulimit",
        ),
        *("--shm-size", "--cgroup-parent", "--cache-from", "--cache-to"),
    }
)
OLD = Flags(_BUILD, frozenset({"--digestfile"}), frozenset({"--digestfile"}))
_ZSTD = frozenset({"--compression-format", "--compression-level", "--force-compression"})
NEW = Flags(_BUILD | {"--build-arg-file"}, _ZSTD, _ZSTD)
PATH = {"PATH": "/usr/bin"}


def inputs(**given: object) -> BuildPlan:
    return replace(PLAN, inputs=BuildKitInputs(**given))  # type: ignore[arg-type]


def test_the_flags_of_a_version() -> None:
    assert flags_in(
        [
            "Usage:",
            "  buildah build [flags]",
            "      --build-arg argument=value   see --other",
            "  -D, --disable-compression        don't compress layers",
        ]
    ) == {"--build-arg", "--disable-compression"}


@pytest.mark.parametrize(
    ("plan", "flags"),
    [
        (PLAN, []),
        (replace(PLAN, target="t", platforms=("linux/arm64",)), ["--target=t", "--platform=linux/arm64"]),
        (inputs(secrets=("id=a,env=A", "id=b,src=f")), ["--secret=id=a,env=A", "--secret=id=b,src=f"]),
        (inputs(ssh=("default",)), ["--ssh=default"]),
        (inputs(build_contexts=("a=../b",)), ["--build-context=a=../b"]),
        (inputs(build_contexts=("a=docker-image://b:1",)), ["--build-context=a=docker-image://b:1"]),
        (inputs(no_cache=True, pull=True), ["--no-cache", "--pull=always"]),
        (inputs(network="none"), ["--network=none"]),
        (inputs(add_hosts=("a:::1",)), ["--add-host=a:::1"]),
        (inputs(ulimits=("nofile=1:2",)), ["--ulimit=nofile=1:2"]),
        (inputs(shm_size="1g", cgroup_parent="g"), ["--shm-size=1g", "--cgroup-parent=g"]),
    ],
)
def test_what_both_versions_take(plan: BuildPlan, flags: list[str]) -> None:
    for has in (OLD, NEW):
        assert not list(refusals("podman", plan, has, PATH))
    always = ["podman", "build", "--layers", "--force-rm", "--format=oci", "--file=app/Dockerfile"]
    assert list(by_hand("podman", plan, {}, ())) == [*always, *flags, "app"]


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (replace(PLAN, attestations=Attestations({"mode": "min"})), "makes no attestations"),
        (replace(PLAN, remote="https://h/r.git"), "a context in a git repository"),
        (inputs(cache_from=("a:b",)), "--cache-from: it cannot read BuildKit's caches"),
        (inputs(cache_to=("a:b",)), "--cache-to: it cannot write BuildKit's caches"),
        (inputs(no_cache_filter=("a",)), "--no-cache-filter"),
        (inputs(allow=("network.host",)), "--allow: it has no entitlements"),
        (inputs(build_contexts=("a=oci-layout://d",)), "--build-context a: it takes folders"),
        (inputs(build_contexts=("a=https://h/r.git",)), "--build-context a: it takes folders"),
        (replace(PLAN, annotations=("a=b", "index:c=d")), "one platform: index:c=d"),
        (replace(PLAN, annotations=("manifest[linux/arm64]:c=d",)), "manifest[linux/arm64]:c=d"),
    ],
)
def test_what_no_version_takes(plan: BuildPlan, reason: str) -> None:
    for has in (OLD, NEW):
        [found] = refusals("buildah", plan, has, PATH)
        assert reason in found


def test_what_an_old_version_does_not_take() -> None:
    many = ("linux/amd64", "linux/arm64")
    wanted = [
        (inputs(ssh=("default",)), "--ssh: this version does not have it"),
        (
            replace(PLAN, compression=compression_of("zstd,level=3")),
            "no --compression-format, --compression-l",
        ),
        (replace(PLAN, compression=compression_of("zstd,force")), "--force-compression"),
        (replace(PLAN, platforms=many, compression=compression_of("zstd")), "--compression-format"),
        (replace(PLAN, args=(("HTTPS_PROXY", "a"), ("VERSION", "1"))), "build arguments HTTPS_PROXY: "),
    ]
    bare = Flags(frozenset(), frozenset(), frozenset())
    for plan, reason in wanted:
        [found] = refusals("podman", plan, bare, PATH)
        assert reason in found
        assert not list(refusals("podman", plan, NEW, PATH))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "PATH",
            "HOME",
            "TMPDIR",
            "http_proxy",
            "NO_PROXY",
            "ALL_PROXY",
            "LD_PRELOAD",
            "GODEBUG",
            "GOMAXPROCS",
        ),
        *(
            "SSL_CERT_FILE",
            "XDG_RUNTIME_DIR",
            "CONTAINERS_CONF",
            "CONTAINER_HOST",
            "BUILDAH_ISOLATION",
            "LANG",
        ),
        *(
            "STORAGE_DRIVER",
            "REGISTRY_AUTH_FILE",
            "DOCKER_CONFIG",
            "LC_ALL",
            "GIT_DIR",
            "_CONTAINERS_USERNS_CONFIGURED",
        ),
        *("SSH_AUTH_SOCK", "OWN"),
    ],
)
def test_an_argument_that_would_change_podman_itself_is_not_put_into_its_environment(name: str) -> None:
    environ = {**PATH, "OWN": "a variable of the run"}
    [found] = refusals("podman", replace(PLAN, args=((name, "x"),)), OLD, environ)
    assert f"build arguments {name}: " in found
    [found] = refusals("podman", replace(PLAN, args=((name, "two\nlines"),)), NEW, environ)
    assert f"build arguments {name}: " in found


@pytest.mark.parametrize(
    "name", ["VERSION", "TOKEN", "DEBUG", "GOAL", "APP_PATH", "PROXYING", "LOCALE", "NODE_ENV"]
)
def test_other_arguments_are_fine(name: str) -> None:
    assert not list(refusals("podman", replace(PLAN, args=((name, "x"),)), OLD, PATH))


def test_no_value_of_an_argument_is_on_the_command_line() -> None:
    plan = replace(PLAN, args=(("TOKEN", "hunter2"), ("TEXT", "two\nlines")))
    assert arguments(plan, OLD, {}) == Arguments((), {"TOKEN": "hunter2", "TEXT": "two\nlines"})
    assert arguments(plan, NEW, {}) == Arguments(("TOKEN=hunter2",), {"TEXT": "two\nlines"})
    for has in (OLD, NEW):
        given = arguments(plan, has, {})
        argv = build_command(
            "podman", plan, {}, {"image": Path("/run/i"), "arguments": Path("/run/a")}, tuple(given.variables)
        )
        assert "hunter2" not in " ".join(argv) and "--build-arg=TEXT" in argv
        assert "hunter2" not in repr(given)


def test_the_epoch_is_the_images_time_and_an_argument_of_its_steps() -> None:
    environ = {"SOURCE_DATE_EPOCH": "1700000000"}
    assert arguments(PLAN, NEW, environ).lines == ("SOURCE_DATE_EPOCH=1700000000",)
    assert "--timestamp=1700000000" in by_hand("podman", PLAN, environ, ())


def test_the_whole_command() -> None:
    plan = replace(
        PLAN,
        labels={"a": "b c"},
        annotations=("x=y", "manifest:z=1"),
        platforms=("linux/amd64", "linux/arm64"),
    )
    files = {"list": Path("localhost/ecr-push:c"), "ignore": Path("app/.dockerignore")}
    assert build_command("buildah", plan, {"BUILDAH_FORMAT": "docker"}, files, ()) == (
        *("buildah", "build", "--layers", "--force-rm", "--format=docker", "--manifest=localhost/ecr-push:c"),
        *("--ignorefile=app/.dockerignore", "--label=a=b c", "--annotation=x=y", "--annotation=z=1"),
        *("--file=app/Dockerfile", "--platform=linux/amd64,linux/arm64", "app"),
    )


ECR = parse_repository("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app")
LOCAL = parse_repository("127.0.0.1:5000/team/app")


@pytest.mark.parametrize(
    ("plan", "repository", "environ", "words"),
    [
        (PLAN, ECR, {}, ["push", "--format=oci", "--digestfile=/run/d"]),
        (PLAN, LOCAL, {}, ["push", "--format=oci", "--digestfile=/run/d", "--tls-verify=false"]),
        (PLAN, ECR, {"BUILDAH_FORMAT": "docker"}, ["push", "--format=v2s2", "--digestfile=/run/d"]),
        (
            replace(PLAN, compression=compression_of("zstd,level=7,force")),
            ECR,
            {},
            [
                *("push", "--format=oci", "--digestfile=/run/d", "--compression-format=zstd"),
                *("--compression-level=7", "--force-compression"),
            ],
        ),
        (
            replace(PLAN, platforms=("linux/amd64", "linux/arm64")),
            ECR,
            {},
            ["manifest", "push", "--all", "--format=oci", "--digestfile=/run/d"],
        ),
    ],
)
def test_a_push_says_its_format_and_trusts_this_machine_alone_without_tls(
    plan: BuildPlan, repository: Repository, environ: dict[str, str], words: list[str]
) -> None:
    argv = push_command("podman", "0123abcd", repository, Tag("candidate-1"), plan, Path("/run/d"), environ)
    assert list(argv) == ["podman", *words, "0123abcd", f"docker://{repository}:candidate-1"]
