"""The run of one image as a process of its own: the same command, for that image alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from ecr_push.base import process
from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.fences import Fences
from ecr_push.cli.call import Call
from ecr_push.cli.images.children import Ended
from ecr_push.cli.images.lines import Lines
from ecr_push.settings import declare as declared
from ecr_push.settings.images.handed_over import HandedOver, hand_over
from ecr_push.settings.images.repositories import concerned, repositories
from ecr_push.settings.report_files import ReportFile, parse_report
from ecr_push.settings.sources import HANDED_OVER, Sources
from ecr_push.settings.wrapper_reports import VARIABLE as JOB_REPORTS
from ecr_push.source.git.checkout import Seen

# What says which images are meant, and what this command does itself with what became of them.
_NOT_HANDED_ON = {"context", "only", "all_images", "changed", "since", "jobs", "result", "reports", "output"}
_PLACE = "{image}"
_LARGEST = 1 << 30  # bytes of a result document
_INTERRUPTED, _DEFECT = 143, 1


@dataclass(frozen=True)
class Children:
    """Runs images.

    folder: a private one. seen: the checkout, where git was asked.
    variables, flags: that each of the runs gets.
    """

    sources: Sources
    call: Call
    folder: Path
    lines: Lines
    clock: Clock
    variables: Mapping[str, str]
    flags: Sequence[str] = ()
    seen: Seen | None = None

    def run(self, name: str, stop: process.Stop) -> Ended:
        """Runs an image to its end, whichever that is."""
        began = self.clock.monotonic()
        result = self.folder / f"{name}.json"
        try:
            code = process.run(
                self._command(name, result),
                environ={**self._environ(name), **self._handed_over(name)},
                on_line=self.lines.of(name),
                blank_lines=True,
                stop=stop,
            ).exit_code
        except process.StoppedError:
            code = _INTERRUPTED
        except Exception as error:  # the others go on
            self.lines.of(name)(f"the run could not be started: {error}")
            code = _DEFECT
        code = 128 - code if code < 0 else code  # ended by a signal, as shells count it
        return Ended(name, code, _read(result), seconds=self.clock.monotonic() - began)

    def _command(self, name: str, result: Path) -> list[str]:
        call = self.call
        context = str(self.sources.settings().source.context)
        return [
            *(call.program or (sys.executable, "-m", "ecr_push.cli")),
            "run",
            *flags_of({key: of for key, of in call.flags.items() if key not in _NOT_HANDED_ON}),
            *self.flags,
            f"--only={name}",
            f"--result={result}",
            "--output=text",
            *(f"--report={one}" for one in self._reports(name)),
            *(["--", context] if context != "." else []),
        ]

    def _handed_over(self, name: str) -> dict[str, str]:
        """The variable that spares the run to read all of ecr-push.yml, and of the checkout."""
        given = self.sources
        path = self.folder / f"{name}.handed"
        images = concerned(name, given.needs, repositories(given.file or {}, given.images))
        known = HandedOver(given.entries, self.seen)
        handed = hand_over(known, name, images, Path(given.path), path)
        return {HANDED_OVER: str(path)} if handed else {}

    def _reports(self, name: str) -> list[ReportFile]:
        """The reports that are asked for once for all: each image gets its own files."""
        given = {**self.sources.environment, **self.sources.flags}.get("reports")
        if given is None and "reports" not in self.sources.images[name].given:
            given = (self.sources.file or {}).get("reports")
        return [] if given is None else [of_image(one, name) for one in given.value]

    def _environ(self, name: str) -> dict[str, str]:
        left_out = {
            declared.environment_name(one) for one in declared.options() if one.name in _NOT_HANDED_ON
        }
        left_out -= {"ECR_PUSH_CONTEXT"}
        environ = {key: of for key, of in self.call.environ.items() if key not in left_out}
        if jobs := environ.get(JOB_REPORTS, ""):
            files = [parse_report(line) for line in jobs.splitlines() if line]
            environ[JOB_REPORTS] = "\n".join(str(of_image(one, name)) for one in files)
        # The outputs of the step are those of all images, which the command itself writes.
        return {**environ, "GITHUB_OUTPUT": "", **self.variables}


def of_image(one: ReportFile, name: str) -> ReportFile:
    """The report's file for one image: `{image}` in it is the name, else the file's name begins with it."""
    if _PLACE in one.path:
        return ReportFile(one.format, one.path.replace(_PLACE, name))
    path = PurePath(one.path)
    return ReportFile(one.format, str(path.with_name(f"{name}-{path.name}")))


def flags_of(given: Mapping[str, Any]) -> list[str]:
    """Settings by option name, as the command line gave them -> the words that give the same."""
    words: list[str] = []
    for setting in declared.options():
        if setting.name not in given:
            continue
        value, flag = given[setting.name], declared.flag(setting)
        if value is True:
            words.append(flag)
        elif value is False:
            words.append(flag.replace("--", "--no-", 1))
        else:
            words += [f"{flag}={one}" for one in (value if isinstance(value, tuple) else (value,))]
    return words


def _read(result: Path) -> Mapping[str, Any]:
    """A result document; {} where the run wrote none."""
    try:
        found = json.loads(read_bytes(result, _LARGEST, Fences.of(result.parent)))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
