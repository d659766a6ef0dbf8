"""In-toto statements about an image -> what they say: our verdict, and SLSA's provenance. Pure.

https://slsa.dev/spec/v1.0/provenance, https://slsa.dev/spec/v0.2/provenance. BuildKit adds what it
knows of the checkout: https://github.com/moby/buildkit/blob/v0.25.0/docs/attestations/slsa-definitions.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.base.shape import each, mapping, optional_text, optional_time, parsed, text
from ecr_push.pipeline.verification import Judgement, Provenance
from ecr_push.source.git.address import public_url

SLSA = ("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2")
_BUILDKIT = "https://mobyproject.org/buildkit@v1#metadata"


def read_judgement(statement: Mapping[str, Any]) -> tuple[Judgement, frozenset[Digest]]:
    """What our statement says, and which images were scanned. Raises OddValueError."""
    said = mapping(statement, "predicate")
    scans = each(_scan, said, "scans", required=True)
    times = [at for _, at in scans]
    found = Judgement(
        text(said, "verdict"),
        f"sha256:{text(said, 'policy', 'digest', 'sha256')}",
        optional_text(said, "commit"),
        optional_text(said, "version"),
        min((at for at in times if at), default=None) if all(times) else None,
        optional_text(said, "tool", "version"),
    )
    return found, frozenset(digest for digest, _ in scans)


def read_provenance(statement: Mapping[str, Any], platform: str) -> Provenance:
    """What SLSA's provenance says, in either version. Raises OddValueError for one of another form."""
    said = mapping(statement, "predicate")
    if "buildDefinition" in said:
        parameters = mapping(said, "buildDefinition", "externalParameters")
        builder = optional_text(said, "runDetails", "builder", "id")
        vcs = mapping(said, "runDetails", "metadata", "buildkit_metadata", "vcs")
        resolved = each(_commit, said, "buildDefinition", "resolvedDependencies")
        # GitHub's own attestations name the workflow, whose repository is the first dependency.
        stated = optional_text(parameters, "workflow", "repository")
        fallback = next(filter(None, resolved), "") if stated else ""
        source = _context(parameters)
    else:
        builder = optional_text(said, "builder", "id")
        vcs = mapping(mapping(said, "metadata").get(_BUILDKIT), "vcs")
        stated, fallback = "", ""
        source = _context(mapping(said, "invocation"))
    address, commit = source
    return Provenance(
        platform,
        builder,
        _address(optional_text(vcs, "source") or address or stated),
        optional_text(vcs, "revision") or commit or fallback,
    )


def _scan(one: Mapping[str, Any]) -> tuple[Digest, Any]:
    digest = parsed(lambda text: Digest(f"sha256:{text}"), one, "digest", "sha256")
    return digest, optional_time(one, "completedAt")


def _context(of: Mapping[str, Any]) -> tuple[str, str]:
    """The build's context, where that is a repository: its address, and the commit."""
    digest = mapping(of, "configSource", "digest")
    return optional_text(of, "configSource", "uri"), optional_text(digest, "sha1")


def _commit(one: Mapping[str, Any]) -> str:
    return optional_text(one, "digest", "gitCommit")


def _address(text: str) -> str:
    """`git+https://github.com/acme/app.git@refs/heads/main` -> `https://github.com/acme/app`."""
    plain = text.removeprefix("git+").partition("#")[0]
    host, at, ref = plain.rpartition("@refs/")
    return public_url(host if at and ref else plain)
