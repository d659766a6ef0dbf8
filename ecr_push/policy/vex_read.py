"""OpenVEX documents -> statements: of version 0.0.x (texts) and 0.2.0 (objects). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any, get_args

from ecr_push.base.parse import read_json
from ecr_push.policy.vex import Product, Statement, VexStatus

JUSTIFICATIONS = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)

Complain = Callable[[str], None]


def read_vex(content: bytes, where: str, complain: Complain) -> tuple[Statement, ...]:
    """Reads the statements of a document; where names it. Every mistake is passed to complain."""
    try:
        document = read_json(content)
    except ValueError as error:
        complain(f"{where}: not valid JSON: {' '.join(str(error).split())}")
        return ()
    context = document.get("@context", "") if isinstance(document, dict) else ""
    if not str(context).startswith("https://openvex.dev/ns"):
        complain(f"{where}: not an OpenVEX document: @context is not https://openvex.dev/ns…")
        return ()
    statements = document.get("statements")
    if not isinstance(statements, list):
        complain(f"{where}: 'statements' is not a list")
        return ()
    found = []
    for number, one in enumerate(statements, 1):
        origin = f"{where}, statement {number}"
        try:
            found.append(_statement(one, document, origin))
        except _MistakeError as mistake:
            complain(f"{origin}: {mistake}")
    return tuple(found)


class _MistakeError(Exception):
    pass


def _statement(one: Any, document: Mapping[str, Any], origin: str) -> Statement:
    if not isinstance(one, dict):
        raise _MistakeError("is not an object")
    status: Any = one.get("status")
    if status not in get_args(VexStatus):
        raise _MistakeError(f"status {status!r} is not one of {', '.join(get_args(VexStatus))}")
    justification = one.get("justification") or ""
    # The specification also accepts an impact_statement alone. Free text cannot be evaluated.
    if status == "not_affected" and justification not in JUSTIFICATIONS:
        raise _MistakeError(
            f"not_affected needs a justification, one of {', '.join(JUSTIFICATIONS)}"
            + (f"; found {justification!r}" if justification else "")
        )
    names = tuple(dict.fromkeys(name.upper() for name in _vulnerability(one.get("vulnerability"))))
    if not names:
        raise _MistakeError("vulnerability is missing")
    return Statement(
        names,
        status,
        tuple(_products(one)),
        justification if status == "not_affected" else "",
        str(one.get("impact_statement") or one.get("status_notes") or ""),
        str(document.get("author") or ""),
        # Not last_updated: a document that gained a statement would make its old ones new (OpenVEX 0.2.0,
        # "Inheritance Flow").
        _time(one.get("timestamp") or document.get("timestamp")),
        origin,
    )


def _vulnerability(given: Any) -> Iterable[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict):
        texts = (given.get("name"), given.get("@id"), *_list(given.get("aliases"), "aliases"))
        yield from (text for text in texts if isinstance(text, str) and text)


def _products(one: Mapping[str, Any]) -> Iterable[Product]:
    shared = _list(one.get("subcomponents"), "subcomponents")
    products = _list(one.get("products"), "products")
    if not products:
        raise _MistakeError("products is missing")
    for product in products:
        own = _list(product.get("subcomponents"), "subcomponents") if isinstance(product, dict) else []
        parts = [*shared, *own]
        named = tuple(name for part in parts for name in _identifiers(part))
        # Components that are named only by hashes cannot be found; that must not match all components.
        yield Product(
            tuple(_identifiers(product)),
            tuple(_digests(product)),
            named or ("",) * bool(parts),
        )


def _identifiers(component: Any) -> Iterable[str]:
    if isinstance(component, str):
        yield component
    elif isinstance(component, dict):
        texts = (component.get("@id"), *_mapping(component.get("identifiers")).values())
        found = [text for text in texts if isinstance(text, str) and text]
        if not found and not component.get("hashes"):
            raise _MistakeError("a product or subcomponent has neither @id nor identifiers nor hashes")
        yield from found
    else:
        raise _MistakeError("a product or subcomponent is neither a text nor an object")


def _digests(component: Any) -> Iterable[str]:
    hashes = _mapping(component.get("hashes")) if isinstance(component, dict) else {}
    for algorithm, value in hashes.items():
        if str(algorithm).lower() in ("sha-256", "sha256"):
            yield f"sha256:{str(value).lower().removeprefix('sha256:')}"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any, name: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _MistakeError(f"{name} is not a list")
    return value


def _time(text: Any) -> float:
    """Returns seconds since 1970. Raises _MistakeError: statements without a time cannot be ordered."""
    if not isinstance(text, str):
        raise _MistakeError("neither the statement nor the document has a timestamp")
    # Python 3.10 reads neither Z nor nanoseconds.
    whole, dot, rest = text.strip().replace("Z", "+00:00").partition(".")
    zone = rest.lstrip("0123456789")
    fraction = rest.removesuffix(zone)[:6].ljust(6, "0") if dot else ""
    try:
        moment = datetime.fromisoformat(f"{whole}.{fraction}{zone}" if dot else whole)
    except ValueError:
        raise _MistakeError(f"timestamp {text!r} is not a valid ISO date and time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
