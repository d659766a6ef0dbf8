"""The errors of ecr-push, each with its exit code and a remedy.

An exception means that a question could not be answered. A refused image is not an exception:
it is a `Verdict`. The exit codes are a contract with every pipeline that runs ecr-push.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from signal import Signals
from typing import ClassVar

from ecr_push.base.shorten import first_of, middle_out, shorten, shorten_lines

ACCEPTED = 0
DEFECT = 1
REFUSED = 10
TESTS_FAILED = 11
NOT_VERIFIED = 12
DIFFERENT = 13


class EcrPushError(Exception):
    """Base of all errors that are expected.

    what:   what failed, a short sentence without a full stop.
    why:    the cause as far as it is known; may be empty. What is longer than a log can hold is cut.
    remedy: what the user can do about it; may be empty.
    """

    exit_code: ClassVar[int] = DEFECT
    kind: ClassVar[str] = "defect"

    def __init__(self, what: str, *, why: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = shorten(what)
        self.why = shorten_lines(why)
        self.remedy = shorten(remedy)

    def __str__(self) -> str:
        return "\n".join(part for part in (self.what, self.why, self.remedy) if part)


class DefectError(EcrPushError):
    """A bug in ecr-push. The traceback is for the bug report; clean removes the secrets from it."""

    def __init__(self, error: BaseException, clean: Callable[[str], str] = str) -> None:
        from traceback import format_exception

        super().__init__(
            f"internal error: {type(error).__name__} (a bug in ecr-push)",
            why=clean(str(error)),
            remedy="report it, with its traceback",
        )
        self.traceback = middle_out(clean("".join(format_exception(type(error), error, error.__traceback__))))


class MachineError(EcrPushError):
    """This machine lacks what a run needs, or does not let it have it: space, memory, files, processes."""

    exit_code = 3
    kind = "machine"


class SettingsError(EcrPushError):
    """The command line, the environment or ecr-push.yml is not valid. Carries every mistake at once."""

    exit_code = 2
    kind = "settings"

    def __init__(self, problems: Sequence[str], *, what: str = "", remedy: str = "") -> None:
        count = len(problems)
        wrong = "the settings are wrong" if count == 1 else f"the settings are wrong in {count} places"
        super().__init__(
            what or wrong, why="\n".join(f"- {problem}" for problem in first_of(problems)), remedy=remedy
        )
        self.problems = tuple(problems)
        self.is_named = bool(what)


def as_one(errors: Sequence[SettingsError]) -> SettingsError:
    """All of them as one list; there is at least one."""
    if len(errors) == 1:
        return errors[0]
    named = [
        f"{one.what}: {problem}" if one.is_named else problem for one in errors for problem in one.problems
    ]
    return SettingsError(named, remedy="; ".join(dict.fromkeys(filter(None, (one.remedy for one in errors)))))


class SourceError(EcrPushError):
    """The git checkout does not say what must be known: nothing was built."""

    exit_code = 2
    kind = "source"


class ConflictError(EcrPushError):
    """A tag that never moves already points to another image or, in git, commit: nothing was built."""

    exit_code = 2
    kind = "conflict"


class UndecidedError(EcrPushError):
    """More than one image could be meant, or none: the user has to name it. Nothing was changed."""

    exit_code = 2
    kind = "undecided"


class BuildError(EcrPushError):
    """The image could not be built, or the Docker engine could not be reached."""

    exit_code = 3
    kind = "build"


class RegistryError(EcrPushError):
    """The registry or AWS refused a request, or could not be reached."""

    exit_code = 4
    kind = "registry"


class AuthenticationError(RegistryError):
    """The credentials are missing, not valid, or not allowed to do this."""

    kind = "authentication"


class SigningError(EcrPushError):
    """The accepted image could not be signed, or its signature could not be verified: no tag has moved."""

    exit_code = 4
    kind = "signing"


class GitTagError(EcrPushError):
    """The release's git tag could not be created or looked up: the remote refused or did not answer."""

    exit_code = 4
    kind = "git-tag"


class ScanError(EcrPushError):
    """The scan gave no answer. That is never a pass.

    again: a flag and its value, with which a command that judges the same image gets further.
    """

    exit_code = 5
    kind = "scan"

    def __init__(
        self, what: str, *, why: str = "", remedy: str = "", again: tuple[str, str] | None = None
    ) -> None:
        super().__init__(what, why=why, remedy=remedy)
        self.again = again


class ReportError(EcrPushError):
    """A report could not be written. The verdict stands, and what it allowed was done."""

    kind = "report"


# What the system says when there is no more of something, or when nothing may be written: errno(3).
_LACKS = {
    errno.ENOSPC: "free space on the disk, or set TMPDIR to a folder on another one",
    errno.EDQUOT: "free space within the quota, or set TMPDIR to a folder on another disk",
    errno.EROFS: "set TMPDIR and the paths of reports to folders that can be written",
    errno.EMFILE: "raise the limit of open files: ulimit -n",
    errno.ENFILE: "close what holds files open on this machine",
    errno.ENOMEM: "give the job more memory",
    errno.EAGAIN: "raise the limit of processes: ulimit -u, or the container's pids limit",
    errno.EIO: "check the disk",
}


def as_expected(error: BaseException, clean: Callable[[str], str] = str) -> EcrPushError | Interrupted:
    """Any error as one that has an exit code: what the machine lacks by its cause, else a bug."""
    if isinstance(error, EcrPushError | Interrupted):
        return error
    if isinstance(error, MemoryError):
        return MachineError("this machine has no memory left", remedy=_LACKS[errno.ENOMEM])
    if isinstance(error, OSError) and error.errno in _LACKS:
        at = f": {error.filename}" if error.filename else ""
        return MachineError(
            "this machine lacks what a run needs",
            why=clean(f"{error.strerror}{at}"),
            remedy=_LACKS[error.errno],
        )
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return MachineError("this machine starts no more threads", remedy=_LACKS[errno.EAGAIN])
    return DefectError(error, clean)


class Interrupted(BaseException):
    """SIGINT, SIGTERM or SIGHUP arrived. Not an `Exception`, so that no `except Exception` swallows it."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"interrupted by {Signals(signal_number).name}")
        self.signal_number = signal_number

    @property
    def exit_code(self) -> int:
        """128 + the signal's number, as shells report it: 129 for SIGHUP, 130 for SIGINT, 143 for SIGTERM."""
        return 128 + self.signal_number
