"""Starts a sandbox for one run with --sandbox; imports the server for `ecr-push sandbox`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecr_push.base.errors import SettingsError
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:
    from ecr_push.sandbox.server import Sandbox


def open_sandbox(settings: Settings, folders: PrivateFolders) -> Sandbox:
    """A sandbox for one run; its scans answer at once. Raises SettingsError for bad advisories."""
    server = sandbox_server()
    sandbox: Sandbox = server.Sandbox(
        server.SandboxOptions(
            region=settings.registry.region or "us-east-1",
            advisories=tuple(Path(one) for one in settings.run.advisories),
            scan_type="ENHANCED",  # only enhanced scanning says which version fixes a vulnerability
            scan_delay=0.0,
            folders=folders,
            **({"account": settings.registry.registry_id} if settings.registry.registry_id else {}),
        )
    )
    return sandbox


def sandbox_server() -> Any:
    """The module `ecr_push.sandbox.server`. Raises SettingsError where the extra is not installed."""
    try:
        from ecr_push.sandbox import server
    except ImportError as error:
        raise SettingsError(
            [f"the sandbox is not installed: {error}"],
            remedy="install ecr-push with its extra 'sandbox'. A CI's wrapper does so where sandbox is an "
            "input, an option of the step or ECR_PUSH_SANDBOX: ecr-push.yml is read too late for it",
        ) from error
    return server
