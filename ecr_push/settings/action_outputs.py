"""docker/build-push-action's `outputs` -> --export, and --compression of the image that a run pushes. Pure.

https://docs.docker.com/build/exporters/
"""

from __future__ import annotations

import csv

_HELD = {"push": "true", "oci-mediatypes": "true"}  # by every run
_TAKEN = ("compression", "compression-level", "force-compression")


def exports_in(text: str) -> tuple[list[str], list[str]]:
    """What --export is for these outputs, and mistakes: all of them but the image that a run pushes."""
    lines = _lines(text)
    exports = [line for line in lines if not _is_pushed(line)]
    if exports and len(exports) < len(lines):
        return [], ["a run pushes the image, or writes it to this machine: give one of them in each step"]
    return exports, []


def compression_in(text: str) -> tuple[list[str], list[str]]:
    """What --compression is for these outputs, nothing where they do not say it, and mistakes."""
    lines = _lines(text)
    pushed = [_given(line) for line in lines if _is_pushed(line)]
    if len(pushed) < len(lines):
        return [], []  # for `exports_in`
    if len(pushed) > 1:
        return [], ["several: a run pushes one image, to ECR: give one"]
    (given,) = pushed
    if given.pop("type") == "image" and given.get("push") != "true":
        return [], ["type=image without push=true keeps nothing: give push: false"]
    kind, level, force = (given.pop(name, "") for name in _TAKEN)
    odd = [key for key, value in given.items() if _HELD.get(key) != value]
    if "push-by-digest" in odd:
        return [], ["push-by-digest: for one runner a platform, use `command: build` and the input `part`"]
    if "name" in odd:
        return [], ["name: a run pushes to the input `repository`, with the tags of the input `tags`"]
    if odd:
        return [], [f"{key}: beside push=true there are {', '.join(_TAKEN)}" for key in odd]
    if (level or force == "true") and not kind:
        return [], ["compression-level and force-compression need compression=gzip or zstd"]
    words = (kind, f"level={level}" if level else "", "force" if force == "true" else "")
    return [",".join(filter(None, words))] if kind else [], []


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _given(line: str) -> dict[str, str]:
    return dict(field.strip().partition("=")[::2] for field in next(csv.reader([line]), []))


def pushes(text: str) -> bool:
    """Whether one of these outputs is an image that is pushed."""
    return any(
        given.get("type") == "registry" or given.get("push") == "true" for given in map(_given, _lines(text))
    )


def _is_pushed(line: str) -> bool:
    return _given(line).get("type") in ("image", "registry")
