"""Steps that deploy the image under one of its tags -> the same ones, with the accepted digest. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_spans import Members, Text
from ecr_push.delivery.moving.github.draft import Draft, Pushed
from ecr_push.delivery.moving.github.scope import Scope
from ecr_push.delivery.moving.github.words import EXPRESSION, step_output, template
from ecr_push.delivery.moving.github.workflow import Step
from ecr_push.delivery.moving.image_name import ImageName, image_name
from ecr_push.delivery.moving.values import Value

_NEEDED = lazy_regex(r"needs\.([\w-]+)\.outputs\.([\w-]+)")


def deploy_by_digest(draft: Draft) -> None:
    """An input or a variable that is one of the image's names becomes the output `image` of its step."""
    for at, step in draft.left():
        text = draft.workflow.text
        found = text[step.begin : step.end]
        edits = []
        for members in (step.inputs(), step.environment()):
            for key, node in members.pairs:
                if not isinstance(node, Text) or node.style in ("|", ">") or not key.value:
                    continue
                name = _named(node.value, draft, at)
                by_meta = node.value if "image" in key.value.lower() else ""
                named = (
                    one
                    for one in draft.pushed
                    if _is_one_of(name, one, draft) or _is_named_by_meta(by_meta, one)
                )
                pushed = next(named, None)
                if pushed and draft.job.steps.index(pushed.step) < at:
                    quote = node.style or _quote(members)
                    edits.append((node, f"{quote}${{{{ steps.{pushed.identity}.outputs.image }}}}{quote}"))
                    draft.say(
                        step,
                        "became",
                        f"{key.value}: the image with its digest",
                        line=node.line,
                        text=node.value,
                    )
        for node, fresh in reversed(edits):
            found = found[: node.begin - step.begin] + fresh + found[node.end - step.begin :]
        if edits:
            draft.becomes[at] = found
            draft.takers.append(step)


def by_digest(draft: Draft, step: Step, text: str) -> str:
    """The text of what is left of a step behind its push, whose variables may name the image."""
    for key, node in step.environment().pairs:
        if isinstance(node, Text) and node.style not in ("|", ">"):
            name = image_name(template(node.value, Scope(draft.job, step, resolves=True)))
            if pushed := next((one for one in draft.pushed if _is_one_of(name, one, draft)), None):
                quote = "" if node.style else _quote(step.environment())
                fresh = f"{quote}${{{{ steps.{pushed.identity}.outputs.image }}}}{quote}"
                text = text.replace(node.value, fresh, 1)
                draft.say_line(
                    node.line,
                    f"{key.value}: {node.value}",
                    "became",
                    f"{key.value}: the image with its digest",
                )
    return text


def _quote(members: Members) -> str:
    """What stands around an expression there: within braces its own would end them."""
    return "'" if members.flow else ""


def digest_of(image: Value, draft: Draft, at: int) -> str:
    """The output that has the image by its digest; "" where no step up to this place pushes it."""
    name = image_name(image)
    pushed = (one for one in draft.pushed if draft.job.steps.index(one.step) <= at)
    found = next((one for one in pushed if _is_one_of(name, one, draft)), None)
    return f"steps.{found.identity}.outputs.image" if found else ""


def pushed_image(text: str, draft: Draft, drafts: Sequence[Draft], at: int) -> str:
    """What names the image, where a text is one that the file pushes: by its digest, if that is known there.

    at: the place of the step that has the text. "" for another image.
    """
    if accepted := accepted_image(text, draft, drafts, at):
        return accepted
    name = _named(text, draft, at)
    is_there = any(_is_one_of(name, one, other) for other in drafts for one in other.pushed)
    return text.strip() if is_there else ""


def accepted_image(text: str, draft: Draft, drafts: Sequence[Draft], at: int) -> str:
    """The expression that has the image by its digest; "" for another text."""
    whole = EXPRESSION.fullmatch(text.strip())
    output = step_output(whole[1]) if whole else None
    for one in draft.pushed:
        accepted = f"steps.{one.identity}.outputs.image"
        if draft.job.steps.index(one.step) <= at and (
            _is_its_output(output, one, draft)
            or _is_one_of(_named(text, draft, at), one, draft)
            or _by_its_digest(text, one, draft, at)
            or _is_named_by_meta(text, one)
        ):
            return f"${{{{ {accepted} }}}}"
    handed = _NEEDED.fullmatch(whole[1]) if whole else None
    return text.strip() if handed and _is_handed_on(handed[1], handed[2], drafts) else ""


def _is_its_output(output: tuple[str, str] | None, pushed: Pushed, draft: Draft) -> bool:
    """Whether it is the image's name, or becomes that."""
    if output is None:
        return False
    return output == (pushed.identity, "image") or (
        draft.outputs.get(output) == f"steps.{pushed.identity}.outputs.image"
    )


def _is_handed_on(job: str, name: str, drafts: Sequence[Draft]) -> bool:
    """Whether an output of a job is the image's name."""
    for one in drafts:
        outputs = one.job.node.get("outputs")
        if one.job.name == job and isinstance(outputs, Members):
            whole = EXPRESSION.fullmatch(outputs.text(name).strip())
            output = step_output(whole[1]) if whole else None
            return any(_is_its_output(output, pushed, one) for pushed in one.pushed)
    return False


def say_digests(draft: Draft, drafts: Sequence[Draft]) -> None:
    """Of commands that deploy, and are given the image by its digest now."""
    for at, one in draft.commands:
        step = draft.job.steps[at]
        names = [
            key.value
            for key, node in step.environment().pairs
            if isinstance(node, Text) and accepted_image(node.value, draft, drafts, at)
        ]
        reads = any(re.search(rf"\${{?{re.escape(name)}\b", one.text) for name in names)
        given = (found[0] for found in EXPRESSION.finditer(one.text))
        if reads or any(accepted_image(text, draft, drafts, at) for text in given):
            draft.lines = [
                replace(line, why="it gets the image with its digest")
                if (line.number, line.text) == (one.line, one.text)
                else line
                for line in draft.lines
            ]


def _named(text: str, draft: Draft, at: int) -> ImageName:
    """What a text of a step names; what a script has written to GITHUB_ENV is known, too."""
    value = template(text, Scope(draft.job, draft.job.steps[at], resolves=True))
    only = value.only
    handed = draft.exported.get(only.detail.removeprefix("env.")) if only else None
    return image_name(handed or value)


def pushed_repository(image: Value, drafts: Sequence[Draft]) -> Value | None:
    """The repository of an image that one of the jobs pushes; None of another one."""
    name, only = image_name(image), image.only
    handed = _NEEDED.fullmatch(only.detail) if only else None
    for draft in drafts:
        for one in draft.pushed:
            if any(each.address == name.address for each in one.names):
                return name.address
            if handed and draft.job.name == handed[1] and _is_handed_on(handed[1], handed[2], (draft,)):
                return one.names[0].address
    return None


def _by_its_digest(text: str, pushed: Pushed, draft: Draft, at: int) -> bool:
    """`HOST/NAME@${{ steps.build.outputs.digest }}`."""
    address, at_sign, digest = text.strip().partition("@")
    whole = EXPRESSION.fullmatch(digest)
    if not at_sign or not whole or step_output(whole[1]) != (pushed.identity, "digest"):
        return False
    return _plain(_named(address, draft, at))[:-1] in [_plain(one)[:-1] for one in pushed.names]


_OF_META = lazy_regex(
    r"\s*\$\{\{\s*(?:fromJSON\(\s*steps\.([\w-]+)\.outputs\.json\s*\)\.tags\[0\]|steps\.([\w-]+)\.outputs\.tags)\s*\}\}\s*"
)


def _is_named_by_meta(text: str, pushed: Pushed) -> bool:
    """The first name that docker/metadata-action makes for it, or the only one."""
    found = _OF_META.fullmatch(text)
    return bool(found and pushed.meta and pushed.meta in found.groups())


def _is_one_of(name: ImageName, pushed: Pushed, draft: Draft) -> bool:
    if name.tag is None or not name.registry.parts:
        return False
    wanted = _plain(name)
    for one in pushed.names:
        shown = one.address.source + ":" + (one.tag or Value.constant("latest")).source
        again = image_name(template(shown, Scope(draft.job, pushed.step, resolves=True)))
        if wanted in (_plain(one), _plain(again)):
            return True
    return False


def _plain(name: ImageName) -> tuple[object, ...]:
    """Equal for the same name, however its facts are written."""
    address, tag = name.address, name.tag or Value.constant("latest")
    return tuple(
        one if isinstance(one, str) else (one.kind, one.detail)
        for value in (address, tag)
        for one in value.parts
    )
