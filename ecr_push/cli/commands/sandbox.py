"""`ecr-push sandbox`, and the sandbox that `run --sandbox` has for its own length."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ecr_push.base.errors import Interrupted, SettingsError
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:
    from ecr_push.sandbox.server import Sandbox


def open_sandbox(settings: Settings) -> Sandbox:
    """A sandbox for one run; its scans answer at once. Raises SettingsError for bad advisories."""
    server = _server()
    sandbox: Sandbox = server.Sandbox(
        server.SandboxOptions(
            region=settings.region or "us-east-1",
            advisories=tuple(Path(one) for one in settings.advisories),
            scan_type="ENHANCED",  # the scanning that says where a vulnerability is fixed
            scan_delay=0.0,
            **({"account": settings.registry_id} if settings.registry_id else {}),
        )
    )
    return sandbox


def serve(options: Mapping[str, Any], stdout: TextIO, stderr: TextIO) -> int:
    """Serves until a signal ends it, and prints the environment as `export` lines for a shell."""
    server = _server()

    def announce(sandbox: Sandbox) -> None:
        for name, value in sandbox.environment.items():
            stdout.write(f"export {name}={value}\n")
        stdout.flush()
        stderr.write(
            f"ecr-push: a sandbox ECR is up at {sandbox.host}, ECR Public at {sandbox.public_host}. "
            "Ctrl-C ends it.\n"
        )
        stderr.flush()

    wanted = server.SandboxOptions(
        port=options["port"],
        state_dir=Path(options["state"]) if options["state"] else None,
        advisories=tuple(Path(one) for one in options["advisories"]),
        scenario=Path(options["scenario"]) if options["scenario"] else None,
        scan_type=options["scan_type"].upper(),
        scan_delay=options["scan_delay"],
        region=options["region"],
        account=options["account"],
    )
    try:
        server.serve_forever(wanted, announce)
    except Interrupted as interrupted:  # how it is meant to end: nobody need be told
        return interrupted.exit_code
    return 0


def _server() -> Any:
    try:
        from ecr_push.sandbox import server
    except ImportError as error:
        raise SettingsError(
            [f"the sandbox is not installed: {error}"],
            remedy="install ecr-push with its extra 'sandbox'. A CI's wrapper does so where sandbox is an "
            "input, an option of the step or ECR_PUSH_SANDBOX: ecr-push.yml is read too late for it",
        ) from error
    return server
