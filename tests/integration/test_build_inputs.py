"""What BuildKit is handed, really built: secrets, agents, contexts, caches, and the limits of RUN."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support import images
from tests.support.build_cache import forget
from tests.support.ci import pull_request_of_a_fork
from tests.support.command_line import CommandLine, until
from tests.support.git_repository import GitRepository
from tests.support.git_server import git_server
from tests.support.registry import REPOSITORY, Registry
from tests.support.watcher import Watcher

pytestmark = pytest.mark.usefixtures("engine")
CANARY = f"canary-{secrets.token_hex(8)}"
UUID = "/bin/busybox cat /proc/sys/kernel/random/uuid"
BOTH_WAYS = pytest.mark.parametrize("more", [(), ("--build-arg", "A=b")], ids=["build", "bake"])


@pytest.fixture(autouse=True)
def _repository(registry: Registry) -> None:
    registry.create()


@pytest.fixture
def shell(project: GitRepository) -> GitRepository:
    """The checkout with a busybox, so that a Dockerfile may have RUN steps."""
    busybox = shutil.which("busybox")
    assert busybox, "apt-get install busybox-static, as `make test` does"
    shutil.copy(busybox, project.root / "busybox")
    return project


def run_steps(project: GitRepository, *steps: str) -> None:
    """Commits a Dockerfile with these RUN steps, `[--mount=… ]COMMAND` of a shell."""
    lines = ["FROM scratch", "ARG A", "COPY busybox /bin/busybox", "COPY rootfs /"]
    for step in steps:
        mount, _, command = step.rpartition("|")
        lines.append(f"RUN {mount} {json.dumps(['/bin/busybox', 'sh', '-c', command])}")
    project.commit("Steps", {**images.CLEAN, "Dockerfile": "\n".join(lines) + "\n"})
    project.tag(f"v2.{secrets.randbelow(1 << 30)}.0")


def has_the_secret(argv: Sequence[str]) -> bool:
    """Whether a process may have the secret in its environment: the run, docker, and what docker starts."""
    return "docker" in argv[0] or any("ecr-push" in word for word in argv[:2])


@BOTH_WAYS
def test_a_secret_reaches_its_step_and_nothing_else(
    more: tuple[str, ...], cli: CommandLine, shell: GitRepository, registry: Registry
) -> None:
    file = cli.home / "netrc"
    file.write_text(f"machine registry.example\n  password {CANARY}-file\n")
    mounts = "--mount=type=secret,id=token --mount=type=secret,id=netrc --network=none"
    run_steps(
        shell,
        f"{mounts}|cd /run/secrets; : {secrets.token_hex(8)}; "  # the cache does not know a secret
        "/bin/busybox sha256sum token netrc >/seen; /bin/busybox cat token netrc",
    )
    with Watcher(
        [CANARY.encode()], lambda argv: "docker" in argv[0] or "ecr-push" in " ".join(argv)
    ) as watcher:
        run = cli.run(
            *(shell.root, "-r", REPOSITORY, "--secret", "id=token,env=NPM_TOKEN"),
            *("--secret", f"id=netrc,src={file}", *more),
            NPM_TOKEN=f"{CANARY}-variable",
        )
    assert run.code == 0, run.stderr
    assert not {one for one in watcher.found if one.startswith("the command line")}
    assert CANARY not in run.stdout + run.stderr + json.dumps(run.document)
    assert "--secret=id=token,env=NPM_TOKEN" in run.stderr or more, run.stderr
    files = registry.files(run.image)
    expected = [hashlib.sha256(one).hexdigest() for one in (f"{CANARY}-variable".encode(), file.read_bytes())]
    assert [line.split()[0] for line in files["seen"].decode().splitlines()] == expected
    shown = registry.client.ask("crane", "config", run.image).encode() + b"".join(files.values())
    assert CANARY.encode() not in shown


def test_a_step_of_docker_build_push_action_moves_over(
    cli: CommandLine, shell: GitRepository, registry: Registry
) -> None:
    """Its inputs as the action's step hands them on; a secret of several lines among them."""
    mounts = "--mount=type=secret,id=key --mount=type=secret,id=npm"
    run_steps(
        shell,
        f"{mounts}|cd /run/secrets; echo $A >/seen; : {secrets.token_hex(8)}; "
        "/bin/busybox sha256sum key npm >>/seen; /bin/busybox cat key npm",
    )
    key = f"{CANARY}-one\n\n{CANARY}-two\n"
    with Watcher(
        [CANARY.encode()], lambda argv: "docker" in argv[0] or "ecr-push" in " ".join(argv)
    ) as watcher:
        run = cli.run(
            *(shell.root, "-r", REPOSITORY),
            ECRPUSH_INPUT_FILE=str(shell.root / "Dockerfile"),
            ECRPUSH_INPUT_PUSH="true",
            ECRPUSH_INPUT_BUILD_ARGS="# of the peer\nA=1,2",
            ECRPUSH_INPUT_LABELS="org.example.note=a, b",
            ECRPUSH_INPUT_ANNOTATIONS="manifest:a=b, c\nindex:d=e",
            ECR_PUSH_TAGS=f"{registry.sandbox.host}/{REPOSITORY}:edge\n{REPOSITORY}:next",
            ECRPUSH_INPUT_SECRETS=f'"key={key}"\nnpm={CANARY}-three\n',
        )
    assert run.code == 0, run.stderr
    assert not {one for one in watcher.found if one.startswith("the command line")}
    assert CANARY not in run.stdout + run.stderr + json.dumps(run.document)
    argument, *sums = registry.files(run.image)["seen"].decode().splitlines()
    assert argument == "1,2"
    expected = [hashlib.sha256(one.encode()).hexdigest() for one in (key, f"{CANARY}-three")]
    assert [line.split()[0] for line in sums] == expected
    shown = registry.client.ask("crane", "config", run.image)
    assert CANARY not in shown
    assert json.loads(shown)["config"]["Labels"]["org.example.note"] == "a, b"
    assert registry.manifest(run.image)["annotations"] == {"a": "b, c"}
    assert "the annotation index:d is left out: an image of one platform has no index" in run.stderr
    assert {"edge", "next"} <= set(registry.tags())


def test_all_that_a_build_lacks_is_named_before_anything_is_asked(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    run = cli.run(
        *(project.root, "-r", REPOSITORY, "--secret", "id=npm,env=NPM_TOKN", "--ssh", "default"),
        *("--secret", "id=netrc,src=/nowhere/netrc", "--build-context", "lib=../lib"),
        NPM_TOKEN=CANARY,
    )
    assert run.code == 2
    for text in (
        "--secret id=npm: the variable NPM_TOKN is not set; did you mean 'NPM_TOKEN'?",
        "--secret id=netrc: /nowhere/netrc: No such file or directory",
        "--ssh default: there is no agent: SSH_AUTH_SOCK is not set",
        "--build-context lib: there is no directory ../lib",
    ):
        assert text in run.stderr
    assert CANARY not in run.stderr
    assert not registry.pushed_to


@BOTH_WAYS
def test_named_contexts_limits_and_hosts(
    more: tuple[str, ...], cli: CommandLine, shell: GitRepository, registry: Registry
) -> None:
    lib = cli.folder / "lib"
    lib.mkdir()
    (lib / "note").write_text("from the other context\n")
    run_steps(
        shell,
        "--mount=type=bind,from=lib,target=/lib|/bin/busybox cat /lib/note >/seen; ulimit -n >>/seen; "
        "/bin/busybox grep build.internal /etc/hosts >>/seen; /bin/busybox df -k /dev/shm >>/seen",
    )
    run = cli.run(
        *(shell.root, "-r", REPOSITORY, "--build-context", f"lib={lib}", "--ulimit", "nofile=517:517"),
        *("--add-host", "build.internal:10.0.0.7", "--shm-size", "7m", "--network", "none", *more),
    )
    assert run.code == 0, run.stderr
    seen = registry.files(run.image)["seen"].decode()
    assert seen.startswith("from the other context\n517\n10.0.0.7\tbuild.internal\n"), seen
    assert " 7168 " in seen, seen


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address and the commit of a private repository with a Dockerfile in `web`; CANARY is the token."""
    other = GitRepository.init(tmp_path / "served" / "lib.git")
    other.commit("Web", {"web/Dockerfile": "FROM scratch\nARG A\nCOPY . /\n", "web/note": "of the other\n"})
    other.git("config", "uploadpack.allowAnySHA1InWant", "true")
    with git_server(tmp_path / "served", CANARY) as address:
        yield f"{address}/lib.git", other.head


@pytest.mark.parametrize(
    ("form", "more", "input_of_the_action"),
    [
        ("{}#{}:web", (), True),
        ("{}?ref=refs/heads/main&checksum={}&subdir=web", ("--build-arg", "A=b"), False),
    ],
    ids=["fragment, build, github-token", "query, bake, secret"],
)
def test_the_context_is_in_another_repository(
    form: str,
    more: tuple[str, ...],
    input_of_the_action: bool,
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    served: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """docker fetches what is built, with a token that nothing else gets; the checkout here names it."""
    project.tag("v4.5.6")
    monkeypatch.chdir(project.root)
    context = form.format(*served)
    environ, flags = {"GIT_TOKEN": CANARY}, ("--secret", "id=GIT_AUTH_TOKEN,env=GIT_TOKEN")
    if input_of_the_action:
        environ = {
            "ECRPUSH_INPUT_GITHUB_TOKEN": CANARY,
            "GITHUB_SERVER_URL": served[0].removesuffix("/lib.git"),
            "ECR_PUSH_CONTEXT": context,
        }
        flags = ()
    given = () if input_of_the_action else (context,)
    with Watcher(
        [CANARY.encode()], lambda argv: "docker" in argv[0] or "ecr-push" in " ".join(argv)
    ) as watcher:
        run = cli.run(*given, "-r", REPOSITORY, "--unscannable", "warn", *flags, *more, **environ)
    assert run.code == 0, run.stderr
    assert not {one for one in watcher.found if one.startswith("the command line")}
    assert CANARY not in run.stdout + run.stderr + json.dumps(run.document)
    files = registry.files(run.image)
    assert files["note"] == b"of the other\n" and not [name for name in files if ".git/" in name]
    assert run.document["version"] == "4.5.6"
    assert registry.labels(run.image)["org.opencontainers.image.revision"] == project.head


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An agent of SSH with one key."""
    socket, key = tmp_path / "agent", tmp_path / "key"
    add = ["ssh-add", "-q", key]
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "of-the-test", "-f", key], check=True
    )
    running = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        environ = {"SSH_AUTH_SOCK": str(socket)}
        until(lambda: not subprocess.run(add, env=environ, capture_output=True).returncode, "the agent")
        yield environ
    finally:
        running.terminate()
        running.wait()


@BOTH_WAYS
def test_an_agent_of_ssh_is_handed_on(
    more: tuple[str, ...],
    cli: CommandLine,
    shell: GitRepository,
    registry: Registry,
    agent: dict[str, str],
) -> None:
    run_steps(shell, '--mount=type=ssh|[ -S "$SSH_AUTH_SOCK" ] && echo agent >/seen')
    run = cli.run(shell.root, "-r", REPOSITORY, "--ssh", "default", *more, **agent)
    assert run.code == 0, run.stderr
    assert registry.files(run.image)["seen"] == b"agent\n"


@BOTH_WAYS
def test_a_cache_in_the_registry_is_written_and_read(
    more: tuple[str, ...], cli: CommandLine, shell: GitRepository, registry: Registry
) -> None:
    """The second run finds what the step made, though the builder has forgotten it."""
    mark = f"mark-{secrets.token_hex(8)}"
    registry.create("team/cache")
    registry.create("team/other")
    cache = f"{registry.sandbox.host}/team/cache:main"
    run_steps(shell, f"echo {mark} >/mark; {UUID} >/seen")
    first = cli.run(
        *(shell.root, "-r", REPOSITORY, "--cache-to", f"type=registry,ref={cache},mode=max", *more)
    )
    assert first.code == 0, first.stderr
    forget(mark)
    again = cli.run(shell.root, "-r", "team/other", "--cache-from", cache, *more)
    assert again.code == 0, again.stderr
    assert registry.files(again.image)["seen"] == registry.files(first.image)["seen"]


def test_without_its_cache_a_build_goes_on(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    missing = f"{registry.sandbox.host}/team/none:main"
    run = cli.run(project.root, "-r", REPOSITORY, "--cache-from", missing)
    assert run.code == 0, run.stderr


@pytest.mark.parametrize("flag", ["--no-cache", "--pull"])
def test_a_new_build_replaces_no_image_that_a_fixed_tag_names(
    flag: str, cli: CommandLine, shell: GitRepository, registry: Registry
) -> None:
    run_steps(shell, f"{UUID} >/seen")
    reused = "was already built from this commit"
    first = cli.run(shell.root, "-r", REPOSITORY)
    assert first.code == 0, first.stderr
    again = cli.run(shell.root, "-r", REPOSITORY, flag)
    assert (again.code, again.digest) == (0, first.digest), again.stderr
    assert reused in again.stderr
    nightly = ("--tags", "type=raw,value=nightly")
    first = cli.run(shell.root, "-r", REPOSITORY, *nightly)
    fresh = cli.run(shell.root, "-r", REPOSITORY, *nightly, flag)
    assert fresh.code == 0 and reused not in fresh.stderr
    assert (fresh.digest != first.digest) == (flag == "--no-cache")


def test_code_of_a_fork_builds_without_the_callers_secrets(
    cli: CommandLine, shell: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    run_steps(shell, "--mount=type=secret,id=token|[ ! -e /run/secrets/token ]")
    cli.environ |= pull_request_of_a_fork(shell.head, tmp_path)
    run = cli.run(
        *(shell.root, "-r", REPOSITORY, "--on-fork", "check", "--secret", "id=token,env=NPM_TOKEN"),
        NPM_TOKEN=CANARY,
    )
    assert run.code == 0, run.stderr
    assert "builds without --secret" in run.stderr
    assert not registry.pushed_to
    plan = ("plan", shell.root, "-r", REPOSITORY, "--on-fork", "check", "--secret", "id=token,env=NONE")
    ended = cli.command(*plan)
    assert ended.code == 0, ended.stderr  # a workflow of a fork has none of the secrets


@BOTH_WAYS
def test_what_docker_finds_in_a_dockerfile(
    more: tuple[str, ...], cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """A call finds it without a build, and says so; a build says it besides."""
    dockerfile = "FROM scratch as base\nARG A\nCOPY rootfs /\n"
    project.commit("Cases", {**images.CLEAN, "Dockerfile": dockerfile})
    project.tag("v3.0.0")
    called = cli.run(project.root, "--call", "check", *more)
    assert called.code == 3, called.stderr
    assert not registry.pushed_to
    (found,) = called.document["buildChecks"]
    assert (found["rule"], found["line"]) == ("FromAsCasing", 1)
    assert "line 1: FromAsCasing: 'as' and 'FROM' keywords' casing do not match" in called.stderr
    built = cli.run(project.root, "-r", REPOSITORY, *more)
    assert built.code == 0, built.stderr
    assert built.document["buildChecks"] == [found]


@pytest.mark.usefixtures("without_buildx")
def test_an_engine_without_buildx_says_what_it_has_not(cli: CommandLine, project: GitRepository) -> None:
    arguments = (project.root, "-r", REPOSITORY, "--no-cache", "--add-host", "a:10.0.0.7")
    run = cli.run(*arguments, "--secret", "id=a,env=HOME", "--cache-from", "a:b")
    assert run.code == 2
    assert "without buildx there is no --secret, no --cache-from" in run.stderr
    assert "without buildx there is no --call check" in cli.run(*arguments[:3], "--call", "check").stderr
    assert cli.run(*arguments).code == 0


@BOTH_WAYS
def test_layers_are_compressed_as_asked(
    cli: CommandLine, project: GitRepository, registry: Registry, more: Sequence[str]
) -> None:
    """A layer that the builder has already stays gzip, which is said; with force none does."""
    layers = []
    for text in ("", "zstd", "zstd,level=3,force"):
        project.commit(f"Built {text}", {"notes": text})  # of another commit, from the same layers
        wanted = ("--compression", text) if text else ()
        ended = cli.run(project.root, "-r", REPOSITORY, *more, *wanted)
        assert ended.code == 0, ended.stderr
        assert ("compresses all of them again" in ended.stderr) == (text == "zstd")
        kinds = {one["mediaType"].rpartition("+")[2] for one in registry.manifest(ended.image)["layers"]}
        layers.append(kinds)
    assert layers == [{"gzip"}, {"gzip"}, {"zstd"}]
