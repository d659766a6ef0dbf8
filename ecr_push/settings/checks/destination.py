"""Where the image goes, of a build that pushes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ecr_push.base.fences import Fences, refusal
from ecr_push.base.paths import named_path
from ecr_push.base.reference import not_a_tag_alone, whole_name
from ecr_push.base.safe_write import why_not_writable
from ecr_push.builder.destination import INTO_THE_ENGINE, export_of, stays_here
from ecr_push.settings.checks.check import Check, Contradiction


def _pushed_or_kept(push: bool | None, load: bool, exports: Sequence[str]) -> Iterable[Contradiction]:
    if push and (load or exports):
        why = "build once with it, for this job, and then without it: layers come from the cache"
        yield "push", f"contradicts {'--load' if load else '--export'}, which pushes nothing: {why}"


def _builds_something(
    push: bool | None,
    load: bool,
    exports: tuple[str, ...],
    image: str,
    parts: Sequence[str],
    call: str,
    sandbox: bool,
) -> Iterable[Contradiction]:
    if not stays_here(push, load, exports):
        return
    name = "load" if load else "exports" if exports else "push"
    if image or parts:
        yield name, f"has no effect with {'--image' if image else '--part'}, which builds nothing"
    if call == "check" and name != "push":
        yield name, "has no effect with --call check, which builds nothing"
    if sandbox:
        yield "sandbox", f"has no effect where nothing is pushed, as with --{name.replace('push', 'no-push')}"


def _has_a_name(
    load: bool, exports: Sequence[str], repository: str, extra_tags: Sequence[str], tag_rules: Any
) -> Iterable[Contradiction]:
    named = repository or any(one.image for one in tag_rules) or any(whole_name(one)[0] for one in extra_tags)
    if (load or INTO_THE_ENGINE in exports) and not named:
        yield "load" if load else "exports", "needs a name in the engine: give --tag NAME:TAG"


def _whole_names(
    push: bool | None, load: bool, exports: tuple[str, ...], extra_tags: Sequence[str]
) -> Iterable[Contradiction]:
    if not stays_here(push, load, exports):
        for text in extra_tags:
            if why := not_a_tag_alone(text):
                yield "extra_tags", why


def _exports_can_be_written(exports: Sequence[str], context: str) -> Iterable[Contradiction]:
    fences, seen = Fences.of(context), set[Path]()
    for given in map(export_of, exports):
        if not (dest := given.get("dest")):
            continue
        path = named_path(Path(dest))
        if path in seen:
            yield "exports", f"{dest} is written by two of them"
        seen.add(path)
        if given["type"] != "local" and given.get("tar") != "false":
            if why := why_not_writable(Path(dest), fences):
                yield "exports", why
        elif path == Path.cwd() or path in Path.cwd().parents or path in named_path(Path(context)).parents:
            yield "exports", f"{dest} holds the checkout, over which the image's files would be written"
        elif error := refusal(Path(dest), fences):
            yield "exports", f"{dest}: {error.strerror}: {error.remedy}"


CHECKS: tuple[Check, ...] = (
    _pushed_or_kept,
    _builds_something,
    _has_a_name,
    _whole_names,
    _exports_can_be_written,
)
