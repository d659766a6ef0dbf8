"""`--lock`: promotions and rollbacks of one repository take turns, by a table in moto's DynamoDB."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support import images
from tests.support.command_line import CommandLine, Ended, Running, until
from tests.support.dynamodb import TABLE, LocksServer, locks_server
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry
from tests.support.shelf import Shelf

LOCK = ("--lock", f"dynamodb:{TABLE}")
IMAGE = f"{REPOSITORY}:candidate-1"
FOREVER = 2_000_000_000_000  # seconds since 1970


@pytest.fixture(scope="module")
def server() -> Iterator[LocksServer]:
    with locks_server() as server:
        yield server


@pytest.fixture
def table(server: LocksServer) -> Iterator[LocksServer]:
    server.create()
    yield server
    server.api.delete_table(TableName=TABLE)


@pytest.fixture
def cli(cli: CommandLine, server: LocksServer) -> CommandLine:
    cli.environ["AWS_ENDPOINT_URL_DYNAMODB"] = server.url
    return cli


@pytest.fixture
def shelf(registry: Registry, tmp_path: Path) -> Shelf:
    registry.create()
    (tmp_path / "layers").mkdir()
    return Shelf(registry, tmp_path / "layers")


def uri(registry: Registry) -> str:
    return f"{registry.sandbox.host}/{REPOSITORY}"


def promote(cli: CommandLine, *tags: str) -> Running:
    return cli.start("promote", IMAGE, *tags, *LOCK)


def held_by_other(table: LocksServer, registry: Registry, expires: int = FOREVER) -> None:
    table.put(uri(registry), owner="other", who="https://ci.example/7", since=1_700_000_000, expires=expires)


@pytest.mark.usefixtures("engine")
def test_of_two_runs_that_release_one_version_at_once_one_does(
    cli: CommandLine, project: GitRepository, registry: Registry, table: LocksServer, tmp_path: Path
) -> None:
    registry.create()
    registry.play("latency: {api: {PutImage: 0.3, BatchGetImage: 0.1, ListImages: 0.1}}")
    held_by_other(table, registry)
    other = GitRepository.init(tmp_path / "other")
    other.commit("Another one", {**images.CLEAN, "rootfs/other": "content"})
    other.tag("v1.4.2")
    second = CommandLine.at(tmp_path / "second", cli.environ)
    second.environ |= {"HOME": str(second.home), "TMPDIR": str(second.temporary)}
    runs = [
        cli.start_run(project.root, "-r", REPOSITORY, *LOCK),
        second.start_run(other.root, "-r", REPOSITORY, *LOCK),
    ]
    for run in runs:
        run.until_printed("waiting for the lock of")
    table.remove(uri(registry))
    won, lost = sorted((run.end() for run in runs), key=lambda ended: ended.code)
    assert (won.code, lost.code) == (0, 4), won.stderr + lost.stderr
    assert {registry.tags()[name] for name in ("1.4.2", "1.4", "1", "latest")} == {won.digest}
    assert "1.4.2" in lost.stderr and "another image" in lost.stderr
    assert "moved" not in lost.tags.values()
    assert table.items() == {}


def test_the_second_waits_for_the_first(
    cli: CommandLine, registry: Registry, shelf: Shelf, table: LocksServer
) -> None:
    digest = shelf.put("candidate-1")
    held_by_other(table, registry)
    run = promote(cli, "stable")
    run.until_printed(
        f"waiting for the lock of {uri(registry)}: https://ci.example/7 has held it since 2023-11-14"
    )
    assert "stable" not in registry.tags()
    table.remove(uri(registry))
    ended = run.end()
    assert ended.code == 0, ended.stderr
    assert registry.tags()["stable"] == digest
    assert table.items() == {}


def test_a_rollback_takes_its_turn(
    cli: CommandLine, registry: Registry, shelf: Shelf, table: LocksServer
) -> None:
    old = shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    held_by_other(table, registry)
    run = cli.start("rollback", "latest", "-r", REPOSITORY, *LOCK)
    run.until_printed("waiting for the lock of")
    table.remove(uri(registry))
    ended = run.end()
    assert ended.code == 0, ended.stderr
    assert registry.tags()["latest"] == old
    assert table.items() == {}


def test_what_was_released_while_a_rollback_waited_stays(
    cli: CommandLine, registry: Registry, shelf: Shelf, table: LocksServer
) -> None:
    shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    held_by_other(table, registry)
    run = cli.start("rollback", "latest", "-r", REPOSITORY, *LOCK)
    run.until_printed("waiting for the lock of")
    new = shelf.put("1.4.3", "latest")
    table.remove(uri(registry))
    ended = run.end()
    assert ended.code == 4, ended.stderr
    assert registry.tags()["latest"] == new
    assert table.items() == {}


def test_a_holder_that_died_blocks_no_one_once_its_lease_has_ended(
    cli: CommandLine, registry: Registry, shelf: Shelf, table: LocksServer
) -> None:
    digest = shelf.put("candidate-1")
    registry.play("faults: [{operation: PutImage, hold: before}]")
    killed = promote(cli, "stable")
    killed.until(lambda: registry.sandbox.faults.held()["api"], "its tag is moved")
    killed.signal(signal.SIGKILL)
    until(lambda: not killed.processes(), "its end")
    (item,) = table.items().values()
    assert item["image"] == digest
    registry.play("{}")
    table.put(uri(registry), **{**item, "since": int(item["since"]), "expires": 1_700_000_000})
    ended = promote(cli, "stable").end()
    assert ended.code == 0, ended.stderr
    assert f"took over the lock of {uri(registry)}, which had expired: {item['who']}" in ended.stderr
    assert table.items() == {}


def test_a_holder_that_lost_its_lock_moves_nothing_more(
    cli: CommandLine, registry: Registry, shelf: Shelf, table: LocksServer
) -> None:
    shelf.put("candidate-1", labels={"org.opencontainers.image.version": "1.4.2"})
    latest = shelf.put("1.4.1", "latest")
    registry.play("faults: [{operation: PutImage, hold: after}]")
    run = promote(cli, "1.4.2", "1.4", "latest")
    run.until(lambda: registry.sandbox.faults.held()["api"], "the version's tag is moved")
    held_by_other(table, registry)  # as someone does who finds that the lease has ended
    registry.play("{}")
    ended = run.end()
    assert ended.code == 4, ended.stderr
    assert "was lost while tags were being moved" in ended.stderr
    assert "https://ci.example/7 has held it since" in ended.stderr
    assert registry.tags()["latest"] == latest
    assert "1.4" not in registry.tags()
    assert table.items()[uri(registry)]["owner"] == "other"


@pytest.mark.parametrize("held", ["by another", "by us"])
def test_a_signal_leaves_no_lock_of_ours(
    cli: CommandLine, registry: Registry, shelf: Shelf, table: LocksServer, held: str
) -> None:
    shelf.put("candidate-1")
    registry.play("faults: [{operation: PutImage, hold: after}]")
    if held == "by another":
        held_by_other(table, registry)
    run = promote(cli, "stable")
    if held == "by another":
        run.until_printed("waiting for the lock of")
    else:
        run.until(lambda: registry.sandbox.faults.held()["api"], "its tag is moved")
        assert len(table.items()) == 1
    run.signal(signal.SIGTERM)
    registry.play("{}")
    assert run.end().code == 143
    assert {item["owner"] for item in table.items().values()} == (
        {"other"} if held == "by another" else set()
    )


@pytest.mark.parametrize("command", ["run", "plan", "promote", "rollback"])
def test_a_missing_table_is_found_before_anything_is_done(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    shelf: Shelf,
    server: LocksServer,
    command: str,
) -> None:
    shelf.put("candidate-1")
    shelf.put("1.3.0")
    shelf.put("1.3.1", "latest")
    before = registry.tags()
    ended = cli.command(*arguments(command, project), "--lock", "dynamodb:missing")
    assert ended.code == 4, ended.stderr
    assert "there is no DynamoDB table missing in us-east-1" in ended.stderr
    create = "aws dynamodb create-table --region us-east-1 --table-name missing"
    assert create in " ".join(ended.stderr.split())
    assert registry.tags() == before


def arguments(command: str, project: GitRepository) -> tuple[str | Path, ...]:
    return {
        "run": ("run", project.root, "-r", REPOSITORY),
        "plan": ("plan", project.root, "-r", REPOSITORY),
        "promote": ("promote", IMAGE, "stable"),
        "rollback": ("rollback", "latest", "-r", REPOSITORY),
    }[command]


@contextmanager
def refusing(*operations: str) -> Iterator[str]:
    """A DynamoDB with an empty table, on which these operations are not allowed."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            self.rfile.read(int(self.headers["Content-Length"]))
            kind, message = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "no"
            if operation in operations:
                kind = "com.amazon.coral.service#AccessDeniedException"
                message = f"User: x is not authorized to perform: dynamodb:{operation} on resource: y"
            refused = operation in operations or operation != "GetItem"
            body = json.dumps({"__type": kind, "message": message} if refused else {}).encode()
            self.send_response(400 if refused else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("operation", ["GetItem", "PutItem", "DeleteItem"])
def test_what_is_not_allowed_is_found_before_the_build(
    cli: CommandLine, project: GitRepository, registry: Registry, operation: str
) -> None:
    registry.create()
    with refusing(operation) as url:
        ended = cli.run(project.root, "-r", REPOSITORY, *LOCK, AWS_ENDPOINT_URL_DYNAMODB=url)
    assert ended.code == 4, ended.stderr
    assert f"allow dynamodb:{operation}" in ended.stderr
    assert not registry.pushed_to


def test_a_dry_run_writes_nothing_and_says_who_holds_the_lock(
    cli: CommandLine, project: GitRepository, registry: Registry, shelf: Shelf, table: LocksServer
) -> None:
    shelf.put("candidate-1")
    shelf.put("1.3.0")
    shelf.put("1.3.1", "latest")
    held_by_other(table, registry)
    before = table.items(), registry.tags()
    for command in ("run", "promote", "rollback"):
        ended = cli.command(*arguments(command, project), *LOCK, "--dry-run")
        assert ended.code == 0, ended.stderr
        assert "is locked: https://ci.example/7 has held it since 2023-11-14" in ended.stderr
        with refusing("PutItem", "DeleteItem") as url:
            refused: Ended = cli.command(
                *arguments(command, project), *LOCK, "--dry-run", AWS_ENDPOINT_URL_DYNAMODB=url
            )
        assert refused.code == ended.code, refused.stderr
    assert (table.items(), registry.tags()) == before


def test_the_sandbox_of_a_run_has_no_tables(cli: CommandLine, project: GitRepository) -> None:
    ended = cli.command("run", project.root, "-r", REPOSITORY, "--sandbox", *LOCK)
    assert ended.code == 2
    assert "--lock: has no effect with --sandbox" in ended.stderr
