"""What a report of another scanner says, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.dataclass import dataclass
from ecr_push.base.purl import SYSTEM_TYPES, TYPE_OF_MANAGER, Purl
from ecr_push.base.regex import lazy_regex
from ecr_push.base.severity import Severity
from ecr_push.scan.distribution import distribution_name
from ecr_push.scan.findings import Finding

_DIGEST = lazy_regex(r"sha256:[0-9a-f]{64}")
# Words that ECR does not use. Debian and Grype call negligible what ECR calls informational; a scanner that
# does not know a severity yet means what Inspector calls untriaged.
_SEVERITIES = {"UNKNOWN": Severity.UNTRIAGED, "NEGLIGIBLE": Severity.INFORMATIONAL}
_MANAGER_OF_TYPE = {
    "cargo": "CARGO",
    "gem": "GEMSPEC",
    "golang": "GOBINARY",
    "maven": "JAR",
    "npm": "NPM",
    "nuget": "NUGET",
    "pypi": "PYTHONPKG",
}


@dataclass(frozen=True)
class OtherReport:
    """A report that could be read as a whole.

    tool:     who made it, in words.
    digests:  of the image that it is about: of its index, its manifest or its configuration, whichever it
              names. Empty where it names none.
    platform: `os/architecture` of that image; may be empty.
    findings: each vulnerability once for a package.
    """

    tool: str
    digests: frozenset[str]
    platform: str
    findings: tuple[Finding, ...]


def read_severity(word: str) -> Severity:
    """A scanner's word; UNRECOGNISED, the worst, for one that no scanner here uses."""
    return _SEVERITIES.get(word.upper()) or Severity.read(word)


def digests_in(texts: Iterable[str]) -> frozenset[str]:
    """The digests in names such as `host/name@sha256:…`."""
    return frozenset(digest for text in texts for digest in _DIGEST.findall(text))


def manager_of(purl: Purl | None) -> str:
    """Inspector's word for the manager of a package; `UNKNOWN` where nothing says it."""
    if purl is None:
        return "UNKNOWN"
    if purl.kind in SYSTEM_TYPES:
        return "OS"
    known = {kind: manager for manager, kind in TYPE_OF_MANAGER.items()}
    return _MANAGER_OF_TYPE.get(purl.kind) or known.get(purl.kind, "UNKNOWN")


def distribution_of(purl: Purl | None) -> str:
    """The distribution of a package of an operating system; else ""."""
    return distribution_name(purl.namespace) if purl and purl.kind in SYSTEM_TYPES else ""


def platform_of(system: str, architecture: str) -> str:
    return f"{system or 'linux'}/{architecture}" if architecture else ""
