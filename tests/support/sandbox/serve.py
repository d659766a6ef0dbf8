"""A sandbox in a process of its own, for tests that measure or kill it.

    python serve.py [STATE_DIR]

Writes one line of JSON once it answers: pid, host, authorization. Ends on SIGTERM with code 143.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from ecr_push.base.errors import Interrupted
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.server import Sandbox, SandboxOptions, serve_forever


def announce(sandbox: Sandbox) -> None:
    with suppress(EcrError):  # there already
        sandbox.state.repositories.create("private", "app")
    token = sandbox.tokens.issue(sandbox.options.account, "private")
    started = {"pid": os.getpid(), "host": sandbox.host, "authorization": token.authorization}
    sys.stdout.write(f"{json.dumps(started)}\n")
    sys.stdout.flush()


def interrupt(number: int, _: object) -> None:
    raise Interrupted(number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    state_dir = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        serve_forever(SandboxOptions(state_dir=state_dir), announce)
    except Interrupted as interrupted:
        sys.exit(interrupted.exit_code)
