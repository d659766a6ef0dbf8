"""Opens the log of a run on standard error, in the form that suits the terminal or the CI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from ecr_push.base.clock import Clock
from ecr_push.base.log import LiveNarrator, Narrator, Paint, QuietNarrator, Redactor, as_it_is
from ecr_push.builder.secret_args import secret_values
from ecr_push.ci.facts import CiFacts
from ecr_push.report.ci.choose import choose_log
from ecr_push.settings.declare import Settings

_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
# AWS's own have 40 characters and more; "test", for an AWS on this machine, is an ordinary word.
_SHORTEST_SECRET = 16


def find_paint(environ: Mapping[str, str], stream: TextIO) -> Paint:
    """The colours of a stream: those of the palette, or none."""
    if not (stream.isatty() or environ.get("FORCE_COLOR") or environ.get("CLICOLOR_FORCE")):
        return as_it_is  # and the palette is not loaded
    from ecr_push.base.palette import painted, wants_colour

    return painted if wants_colour(environ, is_terminal=stream.isatty()) else as_it_is


def open_log(
    settings: Settings, facts: CiFacts, environ: Mapping[str, str], stream: TextIO, clock: Clock
) -> tuple[Narrator, Redactor]:
    """The log, and the redactor that removes secrets from it. The CI is asked to hide each secret, too."""
    ci = choose_log(settings.report.ci_output, facts.provider)

    def hide(secret: str) -> None:
        stream.write(ci.mask(secret))
        stream.flush()

    # A build may print its environment. The CI hides these already: they came from its own settings.
    known = [environ.get(name, "") for name in _SECRET_VARIABLES]
    known = [one for one in known if len(one) >= _SHORTEST_SECRET]
    redactor = Redactor(hide, [*known, *secret_values(settings.builder, settings.source.context, environ)])
    if settings.report.progress == "auto" and stream.isatty() and facts.run.interactive:
        from ecr_push.builder.live_steps import LiveSteps

        return LiveNarrator(stream, clock, redactor, LiveSteps().line), redactor
    narrator = ci.narrator(stream, clock, redactor, find_paint(environ, stream))
    return QuietNarrator(narrator) if settings.report.progress == "quiet" else narrator, redactor
