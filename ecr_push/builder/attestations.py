"""What BuildKit attests of a build: its provenance (SLSA), and the image's contents (SBOM).

Attestations are manifests beside the image in an index, so that an image of one platform becomes an index.
https://docs.docker.com/build/metadata/attestations/
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import Parsed

OFF = "off"
_TYPES = ("provenance", "sbom")
_MODES = ("min", "max")
_VERSIONS = ("v0.2", "v1")
_SWITCHES = {"true": True, "1": True, "false": False, "0": False}
# https://docs.docker.com/build/metadata/attestations/slsa-provenance/
_PROVENANCE_KEYS = ("mode", "version", "builder-id", "reproducible", "inline-only")
_KEYS = frozenset((*_PROVENANCE_KEYS, "type", "disabled", "generator"))
_PROVENANCE = "off, min, max, or docker's mode=max,version=v1"
_SBOM = "true, false, or generator=IMAGE"
_SLSA = "https://slsa.dev/provenance/"
Attributes = Mapping[str, str]


@dataclass(frozen=True)
class Attestations:
    """Which attestations a build makes, with docker's attributes of each; None where there is none.

    oci_artifact: they are OCI artifacts with the image as their subject, which the referrers API lists.
    """

    provenance: Attributes | None = None
    sbom: Attributes | None = None
    oci_artifact: bool = False

    def __bool__(self) -> bool:
        return self.provenance is not None or self.sbom is not None

    def __str__(self) -> str:
        """For the log."""
        return ", ".join(f"{kind} ({_text(of)})" if of else kind for kind, of in self._made())

    @property
    def shows_arguments(self) -> bool:
        """Whether build arguments are in it, with their values."""
        return self.provenance is not None and self.provenance.get("mode") == "max"

    def flags(self) -> tuple[str, ...]:
        """For `docker buildx build`, which makes some by itself where neither flag is given."""
        given = dict(self._made())
        return tuple(
            f"--{kind}={_text(given[kind]) or 'true'}" if kind in given else f"--{kind}=false"
            for kind in _TYPES
        )

    def bake(self) -> tuple[str, ...]:
        """For the attribute `attest` of a bake target."""
        given = dict(self._made())
        return tuple(
            _text({"type": kind, **given[kind]}) if kind in given else f"type={kind},disabled=true"
            for kind in _TYPES
        )

    def output(self) -> str:
        """What is added to the text of an output, with a comma before it.

        Said in either case: BuildKit 0.32 makes artifacts by default, earlier ones do not.
        https://github.com/moby/buildkit/releases/tag/v0.32.0
        """
        return f",oci-artifact={str(self.oci_artifact).lower()}" if self else ""

    def of_content(self) -> Mapping[str, object]:
        """What decides on the index, beyond the default. Who builds does not."""
        found: dict[str, object] = {
            kind: {name: value for name, value in of.items() if name != "builder-id"}
            for kind, of in self._made()
        }
        return {**found, **({"oci-artifact": True} if found and self.oci_artifact else {})}

    def built_by(self, builder_id: str) -> Attestations:
        """The same with a builder's address in the provenance, where the user has given none."""
        if not builder_id or self.provenance is None or "builder-id" in self.provenance:
            return self
        return replace(self, provenance={**self.provenance, "builder-id": builder_id})

    def missing_in(self, predicates: Sequence[str]) -> Iterator[str]:
        """What was asked for, and is not among the predicate types of an image's attestations."""
        slsa = [one for one in predicates if one.startswith(_SLSA)]
        if self.provenance is not None:
            version = self.provenance.get("version", "")
            if not slsa:
                yield "no provenance"
            elif version and f"{_SLSA}{version}" not in slsa:
                yield f"provenance as {slsa[0].removeprefix(_SLSA)}, and not as {version}"
        if self.sbom is not None and len(slsa) == len(predicates):
            yield "no SBOM"

    def _made(self) -> Iterator[tuple[str, Attributes]]:
        for kind, of in zip(_TYPES, (self.provenance, self.sbom), strict=True):
            if of is not None:
                yield kind, of


def attestations_of(
    provenance: str, sbom: str, attests: Sequence[str] = (), *, oci_artifact: bool = False
) -> Attestations:
    """What the options of these names mean. Raises ValueError for a form that docker does not have."""
    given = {"provenance": provenance_of(provenance), "sbom": sbom_of(sbom)}
    given |= dict(map(attest_of, attests))
    return Attestations(given["provenance"], given["sbom"], oci_artifact)


def provenance_of(text: str) -> Attributes | None:
    """The attributes that `max` or `mode=max,version=v1` stands for, None for none. Raises ValueError.

    Without a mode it is `max`, as BuildKit has it where provenance is asked for.
    """
    if text in _MODES:
        return {"mode": text}
    if text == OFF or _switch(text) is False:
        return None
    return _checked_provenance({} if _switch(text) else _pairs(text, _PROVENANCE), text)


def sbom_of(text: str) -> Attributes | None:
    """The attributes that `true` or `generator=IMAGE` stands for, None for none. Raises ValueError."""
    if text == OFF or _switch(text) is False:
        return None
    return _checked_sbom({} if _switch(text) else _pairs(text, _SBOM), text)


def attest_of(text: str) -> tuple[str, Attributes | None]:
    """The type and the attributes of docker's `type=sbom,generator=IMAGE`. Raises ValueError."""
    expected = "type=provenance or type=sbom, with docker's attributes behind it"
    given = dict(_pairs(text, expected)) if "=" in text else {"type": text}
    kind, disabled = given.pop("type", ""), given.pop("disabled", "false")
    if kind not in _TYPES or _switch(disabled) is None:
        raise ValueError(f"{text!r}: expected {expected}")
    found = _checked_provenance(given, text) if kind == "provenance" else _checked_sbom(given, text)
    return kind, None if _switch(disabled) else found


def _switch(text: str) -> bool | None:
    return _SWITCHES.get(text.lower())  # True in YAML


def _checked_provenance(given: Attributes, text: str) -> Attributes:
    given = {"mode": "max", **given}
    unknown = [name for name in given if name not in _PROVENANCE_KEYS]
    if unknown:
        raise ValueError(f"{text!r}: {unknown[0]} is not one of {', '.join(_PROVENANCE_KEYS)}")
    if given["mode"] not in _MODES:
        raise ValueError(f"{text!r}: expected mode=min or mode=max")
    if given.get("version", "v1") not in _VERSIONS:
        raise ValueError(f"{text!r}: expected version=v0.2 or version=v1")
    for name in ("reproducible", "inline-only"):
        if _switch(given.get(name, "true")) is None:
            raise ValueError(f"{text!r}: expected {name}=true or {name}=false")
    return given


def _checked_sbom(given: Attributes, text: str) -> Attributes:
    """More attributes are settings of the generator: variables that begin with BUILDKIT_SCAN_."""
    if not given.get("generator", "image").strip():
        raise ValueError(f"{text!r}: expected {_SBOM}")
    return given


def _pairs(text: str, expected: str) -> Attributes:
    """A line of CSV. The letters of a generator's own settings count."""
    try:
        fields = next(csv.reader([text], strict=True), [])
    except csv.Error:
        fields = []
    found = {}
    for name, equals, value in (field.partition("=") for field in fields):
        if not name.strip() or not equals:
            raise ValueError(f"{text!r}: expected {expected}")
        found[name.strip().lower() if name.strip().lower() in _KEYS else name.strip()] = value
    if not found:
        raise ValueError(f"{text!r}: expected {expected}")
    return found


def _text(attributes: Attributes) -> str:
    """`a=1,b=2`, a line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(f"{name}={value}" for name, value in attributes.items())
    return line.getvalue()


def _checks(read: object) -> Parsed:
    def parse(text: str) -> str:
        read(text)  # type: ignore[operator]
        return text

    return Parsed(parse)


Provenance = Annotated[str, _checks(provenance_of)]
Sbom = Annotated[str, _checks(sbom_of)]
Attest = Annotated[str, _checks(attest_of)]
