"""What does not go together with a build's attestations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.builder.attestations import attest_of, provenance_of, sbom_of


def attestations_of_a_build(
    provenance: str, sbom: str, attests: Sequence[str], oci_artifact: bool, image: str, parts: Sequence[str]
) -> Iterable[tuple[str, str]]:
    """See `checks`."""
    of_types = {"provenance": provenance_of(provenance), "sbom": sbom_of(sbom)}
    listed = [attest_of(one)[0] for one in attests]
    for name, given in of_types.items():
        if given is not None and name in listed:
            yield "attests", f"type={name} contradicts --{name}: give one of them"
        elif listed.count(name) > 1:
            yield "attests", f"type={name} is given more than once"
    asked = [name for name, given in of_types.items() if given is not None]
    asked += ["attests"] if any(attest_of(one)[1] is not None for one in attests) else []
    for name in asked:
        if image:
            yield name, "has no effect with --image: BuildKit attests what it builds"
        elif parts:
            yield name, "has no effect with --part: give it to `ecr-push build`, and the parts' are kept"
    if oci_artifact and not asked:
        yield "oci_artifact", "is for --provenance and --sbom: give one of them too"
