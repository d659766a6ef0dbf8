"""Whether a statement of a verdict in the registry suffices to deploy an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest
from ecr_push.base.shape import OddValueError
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.statement_read import read_judgement
from ecr_push.pipeline.verdict_statement import PREDICATE_TYPE
from ecr_push.pipeline.verdict_statements import verdict_statements
from ecr_push.pipeline.verification import Check, Judgement
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.settings.verify_options import VerifyOptions
from ecr_push.signing.session import SigningSession

_NEVER = datetime.min.replace(tzinfo=timezone.utc)


def unverifiable(why: str) -> RegistryError:
    """No answer: the registry, a log or an authority could not be asked."""
    return RegistryError(
        "what is signed could not be verified",
        why=why,
        remedy="run again; a signature that could not be verified does not count",
    )


def check_verdict(
    options: VerifyOptions, pushed: PushedImage, client: Reader, session: SigningSession | None, tools: Tools
) -> tuple[Check, Judgement | None]:
    """The newest statement that meets everything; else what is wrong with the newest."""
    found, why = session.stated(PREDICATE_TYPE) if session else ((), None)
    if why and why.unsure:
        raise unverifiable(why.why)
    candidates = [(one, session.whose, "") for one in found] if session else []
    if options.allow_unsigned and not candidates:
        candidates = [(one, "", at) for one, at in _unsigned(pushed, client)]
    now = tools.clock.now()
    judged = sorted(
        (_judged(*one, options, pushed, now) for one in candidates),
        key=lambda one: (not one[1], one[0].scanned_at if one[0] and one[0].scanned_at else _NEVER),
        reverse=True,
    )
    if not judged:
        missing = f"by {session.whose}: {why.why}" if session and why else "in the registry"
        return Check("verdict", why=f"no statement of a verdict {missing}"), None
    judgement, problem = judged[0]
    if judgement and not judgement.signed_by and not problem:
        tools.narrator.warn(
            "the statement of the verdict is not signed: everyone who may push to the repository can make one"
        )
    return Check("verdict", _words(judgement) if judgement else "", problem), judgement


def _judged(
    statement: Mapping[str, Any],
    signed_by: str,
    reference: str,
    options: VerifyOptions,
    pushed: PushedImage,
    now: datetime,
) -> tuple[Judgement | None, str]:
    """What the statement says, and why it does not suffice; "" if it does."""
    try:
        said, scanned = read_judgement(statement)
    except OddValueError as odd:
        return None, f"the statement cannot be read: {odd}"
    judgement = Judgement(**{**vars(said), "signed_by": signed_by, "reference": reference})
    return judgement, "; ".join(_doubts(judgement, scanned, options, pushed, now))


def _doubts(
    said: Judgement, scanned: frozenset[Digest], options: VerifyOptions, pushed: PushedImage, now: datetime
) -> Iterator[str]:
    if said.verdict != "accepted":
        yield f"the verdict is {said.verdict}, not accepted"
    if options.expect_policy and said.policy not in options.expect_policy:
        yield f"it is by the policy {said.policy}, which --expect-policy does not name"
    if options.expect_commit and said.commit != options.expect_commit:
        yield f"it is of commit {said.commit or 'unknown'}, not {options.expect_commit}"
    for one in pushed.images:
        if one.digest not in scanned:
            yield f"it says nothing of {one.platform or 'the image'} ({one.digest.short})"
    if options.max_age and said.scanned_at is None:
        yield "it does not say when the scan ended, which --max-age needs"
    elif options.max_age and said.scanned_at:
        age = now - said.scanned_at
        if age > timedelta(seconds=options.max_age):
            yield f"its scan ended {_ago(age)} ago, which is longer than --max-age"


def _ago(age: timedelta) -> str:
    """`40 days`, `3 hours`."""
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if age.total_seconds() >= 2 * length:
            return f"{int(age.total_seconds() // length)} {unit}"
    return f"{age.total_seconds():.0f} seconds"


def _words(said: Judgement) -> str:
    at = f", scanned at {said.scanned_at:%Y-%m-%d %H:%M} UTC" if said.scanned_at else ""
    of = f", commit {said.commit[:12]}" if said.commit else ""
    version = f", version {said.version}" if said.version else ""
    signed = f", signed by {said.signed_by}" if said.signed_by else ", not signed"
    return f"{said.verdict} by the policy {said.policy}{at}{of}{version}{signed}"


def _unsigned(pushed: PushedImage, client: Reader) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The statements of verdicts about the image, with their references."""
    for artifact, statement in verdict_statements(pushed.digest, client):
        yield statement, pushed.repository.pinned(artifact)
