"""`ecr-push sandbox`: an ECR on this machine, for as long as a command runs, or until a signal ends it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecr_push.base.errors import Interrupted
from ecr_push.cli.call import Call
from ecr_push.cli.options import Number, Seconds, command

if TYPE_CHECKING:
    from ecr_push.sandbox.server import Sandbox

EXAMPLES = (
    ("Run a script with an ECR, which ends with it", "ecr-push sandbox -- ./integration-tests.sh"),
    (
        "The same for a few lines",
        "ecr-push sandbox -- sh -c 'aws ecr create-repository --repository-name shop'",
    ),
    ("Serve an ECR on a free port, and print the variables to use it with", "ecr-push sandbox"),
    ("On a fixed port, with content that stays", "ecr-push sandbox --port 5000 --state .sandbox"),
    ("With scans that fail as a file says", "ecr-push sandbox --scenario scenario.yml"),
    ("With permissions: policies decide what a key may do", "ecr-push sandbox --iam iam.yml"),
)


@command("sandbox", EXAMPLES, settings=False, ends_with_command=True)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND [ARGUMENT]...]")
@click.option(
    "--port",
    type=Number(0, 65_535),
    default=0,
    metavar="PORT",
    help="Port of the registry.  [default: a free one]",
)
@click.option("--state", metavar="DIR", help="Keep the content here.  [default: it is removed at the end]")
@click.option(
    "--advisories", multiple=True, metavar="DIR", help="More OSV advisories for the scanner; may be repeated."
)
@click.option("--scenario", metavar="FILE", help="Faults, latency and scan behaviour, as YAML.")
@click.option("--iam", metavar="FILE", help="Principals and their policies: only what they allow is served.")
@click.option(
    "--scan-type",
    type=click.Choice(["basic", "enhanced"]),
    default="basic",
    show_default=True,
    help="The registry's scan type.",
)
@click.option(
    "--scan-delay",
    type=Seconds(min=0),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a scan takes.",
)
@click.option("--region", default="us-east-1", show_default=True, metavar="REGION", help="Its AWS region.")
@click.option(
    "--account",
    default="123456789012",
    show_default=True,
    metavar="ACCOUNT",
    help="Its AWS account.",
)
def sandbox(call: Call, words: tuple[str, ...], **options: Any) -> int:
    """Run COMMAND with an ECR on this machine, and end with its exit code; or, without one, serve until
    Ctrl-C or SIGTERM, and print the variables that lead clients to it.

    COMMAND gets these variables, and the signals that are sent here. boto3, the AWS CLI, the SDK for
    JavaScript, docker, crane, skopeo and oras work with it.
    """
    from ecr_push.base.private_folder import PrivateFolders
    from ecr_push.cli.start_sandbox import sandbox_server

    server = sandbox_server()
    wanted = server.SandboxOptions(
        port=options["port"],
        state_dir=Path(options["state"]) if options["state"] else None,
        advisories=tuple(Path(one) for one in options["advisories"]),
        scenario=Path(options["scenario"]) if options["scenario"] else None,
        iam=Path(options["iam"]) if options["iam"] else None,
        scan_type=options["scan_type"].upper(),
        scan_delay=options["scan_delay"],
        region=options["region"],
        account=options["account"],
        same_user_steers=True,
        folders=PrivateFolders(call.environ),
    )
    if words:
        with server.Sandbox(wanted) as started:
            _log(f"a sandbox ECR is up at {started.host} until {words[0]} ends", call)
            _warn_of_docker(started, call)
            return _run(words, started, server.UNSET, call)
    try:
        server.serve_forever(wanted, lambda started: _announce(started, server.UNSET, call))
    except Interrupted as interrupted:  # the normal end
        return interrupted.exit_code
    return 0


def _announce(sandbox: Sandbox, unset: Sequence[str], call: Call) -> None:
    call.stdout.write(f"unset {' '.join(unset)}\n")
    for name, value in sandbox.shell_environment.items():
        call.stdout.write(f"export {name}={value}\n")
    call.stdout.flush()
    lines = "paste the lines above" if call.stdout.isatty() else "read the lines on standard output"
    _log(f"a sandbox ECR is up at {sandbox.host}, ECR Public at {sandbox.public_host}; Ctrl-C ends it", call)
    _log(f"to use it, {lines} in another shell; `ecr-push sandbox -- COMMAND` runs one command with it", call)
    _warn_of_docker(sandbox, call)


def _warn_of_docker(sandbox: Sandbox, call: Call) -> None:
    from ecr_push.builder.plain_http import REMEDY, WHAT, why_not

    if why := why_not(sandbox.host, call.environ):
        _log(f"warning: {WHAT}: {why}. To do: {REMEDY}", call)


def _run(words: Sequence[str], sandbox: Sandbox, unset: Sequence[str], call: Call) -> int:
    from ecr_push.base.errors import SettingsError
    from ecr_push.base.foreground import run_in_foreground

    environ = {name: of for name, of in call.environ.items() if name not in unset}
    try:
        return run_in_foreground(words, {**environ, **sandbox.shell_environment})
    except OSError as error:
        raise SettingsError(
            [f"COMMAND: {words[0]!r} could not be started: {error.strerror or error}"]
        ) from error


def _log(line: str, call: Call) -> None:
    call.stderr.write(f"ecr-push: {line}\n")
    call.stderr.flush()
