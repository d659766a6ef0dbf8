"""argv and the environment in, an exit code out: one file a command in `commands/`.

May import every room.
"""

from ecr_push.cli.main import console

__all__ = ["console"]
