"""What a shell offers for a value: words, files or folders. Imported when a shell asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from ecr_push.base.severity import Severity
from ecr_push.settings import declare as declared
from ecr_push.settings.report_files import FORMATS


def _severities() -> Sequence[str]:
    known = sorted({*Severity} - {Severity.UNRECOGNISED}, reverse=True)
    return [one.name.lower() for one in known]


def _regions() -> Sequence[str]:
    from ecr_push.registry.aws.regions import known_regions

    return known_regions()


def _profiles() -> Sequence[str]:
    from ecr_push.registry.aws.regions import known_profiles

    return known_profiles()


def _platforms() -> Sequence[str]:
    return (
        "linux/amd64",
        "linux/arm64",
        "linux/arm/v7",
        "linux/386",
        "linux/ppc64le",
        "linux/riscv64",
        "linux/s390x",
    )


def _counts() -> Sequence[str]:
    return [f"{one}=0" for one in _severities()]


# By the names of options and arguments, where a metavar says nothing.
_WORDS: Mapping[str, Callable[[], Sequence[str]]] = {
    "builder": lambda: ("podman", "buildah"),
    "compression": lambda: ("gzip", "zstd"),
    "fail_on": lambda: [*_severities(), "none"],
    "max_findings": _counts,
    "platforms": _platforms,
    "profile": _profiles,
    "provenance": lambda: ("off", "min", "max"),
    "region": _regions,
    "require": lambda: ("signature", "verdict", "provenance"),
    "version_scheme": lambda: ("semver", "two-part", "pep440"),
}


def offered(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What begins as the incomplete value does; for a file or a folder, that the shell looks itself."""
    name = param.name or ""
    words = _choice(name) if name in declared.option_types() else ()
    if not words and name in _WORDS:
        words = _WORDS[name]()
    if "COMMAND" in (param.metavar or "") and name not in declared.option_types():
        words = [*_commands(ctx.find_root())]
    if words:
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]
    if name == "reports" and (
        found := [f"{one}=" for one in FORMATS if incomplete and one.startswith(incomplete)]
    ):
        return [CompletionItem(one) for one in found]
    shown = param.metavar or name
    if re.search(r"\bDIR\b", shown):
        return [CompletionItem(incomplete, type="dir")]
    if re.search(r"\b(FILES?|FINDINGS|PATH)\b", shown.upper()):
        return [CompletionItem(incomplete, type="file")]
    return []


def _commands(root: click.Context) -> Iterable[str]:
    program = root.command
    return program.list_commands(root) if isinstance(program, click.Group) else ()


def _choice(name: str) -> Sequence[str]:
    return declared.choices(declared.option_types()[name])


class Bash(BashComplete):
    """bash hands `--fail-on=h` over as three words."""

    def get_completion_args(self) -> tuple[list[str], str]:
        words, incomplete = super().get_completion_args()
        before = ["", *words]
        return [
            one for one, last in zip(words, before, strict=False) if one != "=" or not last.startswith("--")
        ], incomplete


def use_own_bash() -> None:
    add_completion_class(Bash)
