"""The renderers of reports, by name: Outcome -> text. Formats are imported when they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ecr_push.pipeline.outcome import Outcome

Renderer = Callable[[Outcome], str]


def _text(outcome: Outcome) -> str:
    from ecr_push.report import text

    return text.render(outcome)


def _markdown(outcome: Outcome) -> str:
    from ecr_push.report import markdown

    return markdown.render(outcome)


def _html(outcome: Outcome) -> str:
    from ecr_push.report import html

    return html.render(outcome)


def _comment(outcome: Outcome) -> str:
    from ecr_push.report import markdown

    return markdown.render_comment(outcome)


def _json(outcome: Outcome) -> str:
    from ecr_push.report import document

    return document.render(outcome)


def _sarif(outcome: Outcome) -> str:
    from ecr_push.report import sarif

    return sarif.render(outcome)


def _junit(outcome: Outcome) -> str:
    from ecr_push.report import junit

    return junit.render(outcome)


def _cyclonedx(outcome: Outcome) -> str:
    from ecr_push.report import cyclonedx

    return cyclonedx.render(outcome)


RENDERERS: Mapping[str, Renderer] = {
    "text": _text,
    "markdown": _markdown,
    "html": _html,
    "comment": _comment,
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "cyclonedx": _cyclonedx,
}
