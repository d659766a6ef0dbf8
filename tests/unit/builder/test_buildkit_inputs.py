"""What BuildKit is handed, as tables: docker's flags, the attributes of bake, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecr_push.builder.bake import definition
from ecr_push.builder.buildkit_checks import SECRET_BYTES, cache_warnings, missing_inputs
from ecr_push.builder.buildkit_inputs import BuildKitInputs, attributes, bake_flags, flags, inputs_of
from ecr_push.builder.buildx_command import bake_command, build_command
from ecr_push.builder.docker_environ import for_docker
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.secret_args import secret_values
from tests.support.settings import problems_of, settings, value

# Option, what the user says, docker's flags, and the attribute of bake with its HCL.
FORMS: list[tuple[str, Any, list[str], str]] = [
    ("build_contexts", ["lib=."], ["--build-context=lib=."], "contexts"),
    ("build_contexts", ["b=docker-image://a:1"], ["--build-context=b=docker-image://a:1"], "contexts"),
    (
        "build_contexts",
        ["b=docker-image://a:1@sha256:0"],
        ["--build-context=b=docker-image://a:1@sha256:0"],
        "contexts",
    ),
    ("build_contexts", ["r=ssh://git@h/r.git#v1"], ["--build-context=r=ssh://git@h/r.git#v1"], "contexts"),
    ("build_contexts", ["r=https://h/r.git#v1"], ["--build-context=r=https://h/r.git#v1"], "contexts"),
    ("build_contexts", ["l=oci-layout://d:1"], ["--build-context=l=oci-layout://d:1"], "contexts"),
    ("secrets", ["id=npm,env=NPM_TOKEN"], ["--secret=id=npm,env=NPM_TOKEN"], "secret"),
    ("secrets", ["id=npm,src=.npmrc"], ["--secret=id=npm,src=.npmrc"], "secret"),
    ("secrets", ["id=npm,source=.npmrc,type=file"], ["--secret=id=npm,src=.npmrc"], "secret"),
    ("secrets", ["type=env,id=npm,src=NPM"], ["--secret=id=npm,env=NPM"], "secret"),
    ("secrets", ["id=NPM"], ["--secret=id=NPM,env=NPM"], "secret"),
    ("secrets", ["id=a,env=A", "id=b,env=B"], ["--secret=id=a,env=A", "--secret=id=b,env=B"], "secret"),
    ("ssh", ["default"], ["--ssh=default"], "ssh"),
    ("ssh", ["key=a.pem,b.pem"], ["--ssh=key=a.pem,b.pem"], "ssh"),
    ("cache_from", ["team/app:cache"], ["--cache-from=team/app:cache"], "cache-from"),
    ("cache_from", ["type=local,src=d"], ["--cache-from=type=local,src=d"], "cache-from"),
    ("cache_from", ["type=gha,scope=x"], ["--cache-from=type=gha,scope=x"], "cache-from"),
    ("cache_to", ["type=inline"], ["--cache-to=type=inline"], "cache-to"),
    (
        "cache_to",
        ["type=registry,ref=a:b,mode=max"],
        ["--cache-to=type=registry,ref=a:b,mode=max"],
        "cache-to",
    ),
    ("cache_to", ["type=s3,region=r,bucket=b"], ["--cache-to=type=s3,region=r,bucket=b"], "cache-to"),
    ("no_cache", True, ["--no-cache"], "no-cache"),
    ("no_cache_filter", ["a", "b"], ["--no-cache-filter=a", "--no-cache-filter=b"], "no-cache-filter"),
    ("pull", True, ["--pull"], "pull"),
    ("network", "none", ["--network=none"], "network"),
    ("network", "host", ["--network=host"], "network"),
    ("network", "default", [], ""),
    ("add_hosts", ["db:10.0.0.7"], ["--add-host=db:10.0.0.7"], "extra-hosts"),
    ("add_hosts", ["db=10.0.0.7"], ["--add-host=db:10.0.0.7"], "extra-hosts"),
    ("add_hosts", ["db:[::1]"], ["--add-host=db:::1"], "extra-hosts"),
    ("add_hosts", ["up:host-gateway"], ["--add-host=up:host-gateway"], "extra-hosts"),
    ("ulimits", ["nofile=1024:4096"], ["--ulimit=nofile=1024:4096"], "ulimits"),
    ("ulimits", ["memlock=-1"], ["--ulimit=memlock=-1"], "ulimits"),
    ("shm_size", "256m", ["--shm-size=256m"], "shm-size"),
    ("cgroup_parent", "builds", ["--cgroup-parent=builds"], ""),
    ("allow", ["network.host"], ["--allow=network.host"], "entitlements"),
    ("allow", ["security.insecure"], ["--allow=security.insecure"], "entitlements"),
    ("allow", ["device=vendor.com/gpu"], ["--allow=device=vendor.com/gpu"], "entitlements"),
]


def inputs(**values: Any) -> BuildKitInputs:
    read = {name: value(name, given) for name, given in values.items()}
    return inputs_of(settings(**read).builder)


@pytest.mark.parametrize(("name", "given", "expected", "attribute"), FORMS)
def test_both_ways_to_build_get_the_same(
    name: str, given: Any, expected: list[str], attribute: str, tmp_path: Path
) -> None:
    said = inputs(**{name: given})
    assert list(flags(said)) == expected
    assert list(attributes(said)) == ([attribute] if attribute else [])
    plan = BuildPlan(tmp_path, tmp_path / "Dockerfile", inputs=said)
    command = build_command(plan, tmp_path / "metadata.json", ())
    assert [one for one in command if one in expected] == expected
    assert command[-1] == str(tmp_path)
    lines = definition(plan, {}, ()).splitlines()
    assert sum(line.strip().startswith(f"{attribute} = ") for line in lines) == bool(attribute)


def test_each_input_is_in_the_table() -> None:
    assert {name for name, *_ in FORMS} == set(BuildKitInputs.__dataclass_fields__)


def test_bake_is_allowed_what_the_user_allowed(tmp_path: Path) -> None:
    said = inputs(allow=["network.host"], ssh=["default"])
    assert list(bake_flags(said)) == ["--allow=network.host", "--allow=ssh"]
    command = bake_command(BuildPlan(tmp_path, tmp_path, inputs=said), tmp_path / "m.json")
    assert set(bake_flags(said)) < set(command)
    assert list(bake_flags(inputs(secrets=["id=a,env=A"]))) == []


def test_a_folder_is_named_from_the_working_directory_and_anything_else_as_it_is() -> None:
    given = ["a=lib", "b=docker-image://x", "c=https://h/x.git", "d=git@h:x.git", "e=oci-layout://lib"]
    said = inputs(build_contexts=given)
    contexts = attributes(said)["contexts"]
    assert isinstance(contexts, dict)
    assert contexts["a"] == str(Path.cwd() / "lib")
    assert contexts["e"] == "oci-layout://lib"


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("build_contexts", ["lib"], "expected NAME=DIR"),
        ("build_contexts", ["Lib=."], "docker takes names of contexts in lower case alone"),
        ("build_contexts", ["lib=docker-image//a:1"], "expected docker-image:// with two slashes"),
        ("build_contexts", ["lib=oci-layout:/a"], "expected oci-layout:// with two slashes"),
        ("build_contexts", ["lib=target:base"], "belongs to `docker buildx bake`"),
        ("build_contexts", ["r=https://u:hunter2@h/r.git"], "no credentials in an address"),
        ("build_contexts", ["r=https://u:hunter2/x@h/r.git"], "no credentials in an address"),
        ("secrets", ["npm"], "expected id=ID,env=NAME or id=ID,src=FILE"),
        ("secrets", ["id=npm,token=hunter2"], "expected id=ID,env=NAME"),
        ("secrets", ["npm=hunter2"], "expected id=ID,env=NAME"),
        ("secrets", ["id=npm,env=A,src=b"], "expected id=ID,env=NAME"),
        ("secrets", ["id=npm,type=file"], "expected id=ID,env=NAME"),
        ("secrets", ["id=npm,type=raw,src=hunter2"], "expected id=ID,env=NAME"),
        ("secrets", ['id=npm,"src=a,b"'], "no comma or quote in a path"),
        ("secrets", ['id=npm,src="'], "expected id=ID,env=NAME"),
        ("ssh", ["="], "expected default, or ID=SOCKET, or ID=KEY"),
        ("ssh", ["default="], "expected default"),
        ("cache_from", ["type=disk"], "type=disk: expected one of registry, gha, local"),
        ("cache_from", ["ecr"], "or IMAGE:TAG; `--cache ecr` reads and writes one of the branch"),
        ("cache_to", ["registry"], "'registry': expected type=TYPE,NAME=VALUE, or IMAGE:TAG"),
        ("cache_from", ["src=a"], "type=: expected one of registry"),
        ("cache_from", ["type=registry"], "needs ref=REPOSITORY:TAG"),
        ("cache_to", ["type=local"], "needs src=DIR to read, dest=DIR to write"),
        ("cache_to", ["type=s3,bucket=b,secret_access_key=hunter2"], "would be on docker's command line"),
        ("cache_to", ["type=gha,token=hunter2"], "token would be on docker's command line"),
        ("cache_to", ["type=gha,ghtoken=hunter2"], "ghtoken would be on docker's command line"),
        ("cache_to", ["type=azblob,account_key=hunter2"], "account_key would be on"),
        ("network", "bridge", "'bridge' is not one of default, none, host"),
        ("add_hosts", ["db"], "expected NAME:IP"),
        ("add_hosts", ["db:gateway"], "expected NAME:IP"),
        ("ulimits", ["nofile"], "expected NAME=SOFT[:HARD]"),
        ("shm_size", "much", "expected a size, such as 256m or 2g"),
        ("allow", ["everything"], "expected network.host, security.insecure or device=NAME"),
    ],
)
def test_mistakes_have_a_reason_and_show_no_secret(name: str, given: Any, text: str) -> None:
    found = problems_of(name, given)
    assert text in found
    assert "hunter2" not in found


def test_every_address_of_a_host_is_handed_on() -> None:
    said = inputs(add_hosts=["db:10.0.0.7", "other:10.0.0.8", "db:fd00::7"])
    assert attributes(said)["extra-hosts"] == {"db": "10.0.0.7,fd00::7", "other": "10.0.0.8"}


def test_of_two_of_a_name_neither_is_left_out_in_silence(tmp_path: Path) -> None:
    said = inputs(
        secrets=["id=a,env=HOME", "id=a,env=PATH"], build_contexts=["b=.", "c=.", "b=docker-image://x"]
    )
    assert [*missing_inputs(said, tmp_path, {"HOME": "/", "PATH": "/"})] == [
        "--secret id=a: it is given twice: one counts",
        "--build-context b: it is given twice: one counts",
    ]


def test_all_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (SECRET_BYTES + 1))
    (tmp_path / ".git").mkdir()
    (tmp_path / "out").symlink_to("/etc")
    said = inputs(
        secrets=[
            *(
                "id=a,env=NPM_TOKN",
                "id=b,env=EMPTY",
                f"id=c,src={tmp_path}/none",
                f"id=d,src={tmp_path}/large",
            ),
            f"id=e,src={tmp_path}/out/passwd",
        ],
        ssh=["default", f"key={tmp_path}/id"],
        build_contexts=[
            *(f"lib={tmp_path}/lib", f"out={tmp_path}/out", f"oci=oci-layout://{tmp_path}/oci:1"),
            *(f"here=oci-layout://{tmp_path}:1@sha256:0", f"there=oci-layout://{tmp_path}"),
        ],
        cache_from=[f"type=local,src={tmp_path}/none", "team/app:cache"],
        cache_to=[f"type=local,dest={tmp_path}/out/new", "type=inline"],
    )
    found = [*missing_inputs(said, tmp_path, {"NPM_TOKEN": "hunter2", "EMPTY": ""})]
    assert [problem.replace(str(tmp_path), "T") for problem in found] == [
        "--secret id=a: the variable NPM_TOKN is not set; did you mean 'NPM_TOKEN'?",
        "--secret id=b: the variable EMPTY is empty",
        "--secret id=c: T/none: No such file or directory",
        "--secret id=d: T/large: it is larger than 500 KiB",
        "--secret id=e: T/out/passwd: it leads outside the checkout by a symlink, T/out -> /etc",
        "--ssh default: there is no agent: SSH_AUTH_SOCK is not set",
        "--ssh key: there is no file T/id",
        "--build-context lib: there is no directory T/lib",
        "--build-context out: T/out: it leads outside the checkout by a symlink, T/out -> /etc",
        "--build-context oci: there is no directory T/oci:1",
        "--cache-to: T/out/new: it leads outside the checkout by a symlink, T/out -> /etc",
    ]
    given = inputs(secrets=["id=a,env=NPM_TOKEN"])
    assert not [*missing_inputs(given, tmp_path, {"NPM_TOKEN": "hunter2"})]


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"secrets": ["id=npm,src=~/.npmrc"]}, "give $HOME/.npmrc"),
        ({"ssh": ["key=~/.ssh/id"]}, "give $HOME/.ssh/id"),
        ({"build_contexts": ["lib=~/lib"]}, "give $HOME/lib"),
        ({"secrets": ["id=npm,src=.npmrc~"]}, ""),
    ],
)
def test_a_home_that_the_shell_has_not_named(given: dict[str, list[str]], hint: str, tmp_path: Path) -> None:
    (found,) = missing_inputs(inputs(**given), tmp_path, {})
    assert found.endswith(hint or "No such file or directory")


def test_a_cache_that_docker_would_leave_out_without_a_word() -> None:
    said = inputs(cache_from=["type=gha"])
    (warning,) = cache_warnings(said, {})
    assert "ACTIONS_RUNTIME_TOKEN is not set" in warning
    assert not [*cache_warnings(said, {"ACTIONS_RUNTIME_TOKEN": "x"}), *cache_warnings(inputs(), {})]


def test_docker_sees_of_credentials_what_the_build_needs_alone(tmp_path: Path) -> None:
    environ = {"AWS_SECRET_ACCESS_KEY": "a", "ACTIONS_RUNTIME_TOKEN": "b", "ECR_PUSH_X": "c", "PATH": "/bin"}
    environ |= {"ECRPUSH_INPUT_SECRETS": "d", "ECRPUSH_SECRET_1": "e", "ECRPUSH_SECRET_2": "f"}
    kept = lambda **values: set(for_docker(environ, tmp_path, inputs=inputs(**values)))  # noqa: E731
    assert kept() == {"PATH"}
    assert kept(cache_to=["type=s3,bucket=b,region=r"]) == {"PATH", "AWS_SECRET_ACCESS_KEY"}
    assert kept(cache_from=["type=gha"]) == {"PATH", "ACTIONS_RUNTIME_TOKEN"}
    assert kept(secrets=["id=x,env=ECR_PUSH_X"]) == {"PATH", "ECR_PUSH_X"}
    assert kept(secrets=["id=x,env=ECRPUSH_SECRET_2"]) == {"PATH", "ECRPUSH_SECRET_2"}


def test_the_log_hides_the_lines_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine registry.example\n  password from-a-file\nshort\n")
    options = settings(secrets=["id=a,env=A", f"id=b,src={tmp_path}/netrc", "id=c,env=NONE"]).builder
    assert secret_values(options, str(tmp_path), {"A": "from-the-environment"}) == (
        *("machine registry.example", "from-the-environment", "password from-a-file"),
    )


def test_what_decides_on_the_image_and_what_does_not() -> None:
    same = inputs(
        cache_from=["a:b"], cache_to=["a:b"], no_cache=True, pull=True, ulimits=["nofile=1"], shm_size="1g"
    )
    assert not same.of_content()
    assert inputs(secrets=["id=a,env=A"]).of_content() == inputs(secrets=["id=a,src=f"]).of_content()
    for name, given in (
        *(("network", "none"), ("add_hosts", ["a:1.1.1.1"]), ("build_contexts", ["a=b"])),
        *(("secrets", ["id=a,env=A"]), ("allow", ["network.host"])),
    ):
        assert len(inputs(**{name: given}).of_content()) == 1
