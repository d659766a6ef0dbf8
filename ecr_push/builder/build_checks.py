"""What docker's build checks find in a Dockerfile. https://docs.docker.com/reference/build-checks/

Light: `ecr-push tags` imports it.
"""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass


@dataclass(frozen=True)
class BuildCheck:
    """A finding. rule: such as JSONArgsRecommended. line: of the Dockerfile, 0 where none is named."""

    rule: str
    text: str
    url: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"line {self.line}: {self.rule}: {self.text}" if self.line else f"{self.rule}: {self.text}"


@dataclass(frozen=True)
class Checked:
    """What `--call=check` came to. error: why the Dockerfile cannot be built, with its line."""

    checks: tuple[BuildCheck, ...]
    error: str = ""
