"""Errors of several repositories -> one that names them all."""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.base.errors import ConflictError, EcrPushError, RegistryError


def together(errors: Mapping[str, EcrPushError], cannot: str, remedy: str = "") -> EcrPushError:
    """The error for what stopped these repositories, by name. Its exit code is 2 only if each has that.

    cannot: what they could not do, in words. remedy: what follows the remedies of each.
    """
    kind = (
        ConflictError
        if all(one.exit_code == ConflictError.exit_code for one in errors.values())
        else RegistryError
    )
    remedies = "; ".join(filter(None, [*dict.fromkeys(one.remedy for one in errors.values()), remedy]))
    if len(errors) == 1:
        [(name, error)] = errors.items()
        return kind(f"{name}: {error.what}", why=error.why, remedy=remedies)
    lines = [f"- {name}: {': '.join(filter(None, (one.what, one.why)))}" for name, one in errors.items()]
    return kind(f"{len(errors)} repositories cannot {cannot}", why="\n".join(lines), remedy=remedies)
