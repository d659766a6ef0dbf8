"""States in the registry what the gate decided, after acceptance and before a tag moves."""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.pipeline.attach_statement import Statement, attach_statement
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.verdict_statement import PREDICATE_TYPE, verdict_statement
from ecr_push.policy.digest import policy_digest
from ecr_push.policy.model import Policy
from ecr_push.registry.interface import Writer
from ecr_push.registry.oci import Manifest
from ecr_push.signing.session import SigningSession


def attest_verdict(
    policy: Policy,
    read: Callable[[], Manifest],
    client: Writer,
    session: SigningSession | None,
    tools: Tools,
    record: Record,
    *,
    commit: str = "",
    version: str = "",
) -> None:
    """Attaches a statement of the record's verdict to its image. Raises RegistryError, or
    SigningError: no tag has moved then.

    read:    the manifest of the image that was judged.
    session: signs the statement; None to attach it as it is.
    """
    outcome = record.outcome
    if not (outcome.pushed and outcome.scan and outcome.verdict):
        return
    with record.phase("attest"):
        content = verdict_statement(
            outcome.pushed,
            outcome.scan,
            outcome.verdict,
            policy_digest(policy),
            tests=outcome.tests,
            commit=commit,
            version=version,
            clean=tools.redactor.clean,
        )
        statement = Statement(content, PREDICATE_TYPE, "verdict", "verdict.json")
        reference = attach_statement(statement, outcome.pushed, read, client, session, tools)
        if reference:
            record.note(statement=reference, statement_signed=session is not None)
