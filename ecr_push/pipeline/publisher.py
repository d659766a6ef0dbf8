"""Who else learns of an outcome: an audit before anything changes, and all that was asked for at the end.

`cli/publish.py` implements it. A run that publishes nothing loads nothing of it; see `Tools`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ecr_push.base.reference import Tag

if TYPE_CHECKING:
    from ecr_push.pipeline.copy_result import CopyResult
    from ecr_push.pipeline.failure import Failure
    from ecr_push.pipeline.outcome import Outcome


class Publisher(Protocol):
    @property
    def keeps_audit(self) -> bool:
        """Whether a record is kept of each change."""
        ...

    def releasing(self, outcome: Outcome, tags: Sequence[Tag]) -> None:
        """Keeps a record that these tags are about to point to the outcome's image, or that it is about to be
        deployed.

        Raises RegistryError where it cannot be kept, and nothing may change without it.
        """
        ...

    def ended(self, outcome: Outcome) -> None:
        """Publishes an outcome. What cannot be sent is a warning.

        Raises ReportError where the audit of a change could not be completed.
        """
        ...

    def copying(self, copy: CopyResult) -> None:
        """Keeps a record that images are about to be copied. Raises RegistryError, as `releasing`."""
        ...

    def copied(self, copy: CopyResult) -> None:
        """Completes the record of a copy that has ended; where it cannot, `copies_ended` says so."""
        ...

    def copies_ended(self, copies: Sequence[CopyResult], stopped: Failure | None) -> None:
        """Publishes what became of all copies, as `ended`. stopped: what ended the command before them."""
        ...
