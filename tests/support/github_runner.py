"""What GitHub's runner reads of the files and the lines that a step writes."""

from __future__ import annotations

import re

# As the runner reads a line: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
_COMMAND = re.compile(r"\s*::(?P<name>[^ :]+)(?: (?P<properties>.*?))?::(?P<data>.*)", re.S)
_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def read_command(line: str) -> tuple[str, dict[str, str], str] | None:
    """Name, properties and data of a line that the runner obeys."""
    if "##[" in line:
        return "the old form", {}, line
    found = _COMMAND.match(line)
    if not found:
        return None
    properties = dict(one.split("=", 1) for one in (found["properties"] or "").split(",") if one)
    return (
        found["name"],
        {key: _unescaped(value) for key, value in properties.items()},
        _unescaped(found["data"], data=True),
    )


def _unescaped(text: str, *, data: bool = False) -> str:
    for escape, char in _ESCAPES:
        if not (data and char in ":,"):
            text = text.replace(escape, char)
    return text


def read_outputs(text: str) -> dict[str, str]:
    """GITHUB_OUTPUT as the runner reads it.

    https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs
    """
    lines = text.split("\n")
    assert lines.pop() == ""
    found = {}
    while lines:
        name, _, delimiter = lines.pop(0).partition("<<")
        end = lines.index(delimiter)
        found[name] = "\n".join(lines[:end])
        del lines[: end + 1]
    return found
