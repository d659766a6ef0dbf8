#!/bin/sh
# Packages: lib4sbom 0.10.4, below sbom4python, sbomdiff and others, and spdx-tools 0.8.5 of the SPDX project (PyPI).
# Expected: an SPDX 2.3 document that spdx-tools finds valid is read by lib4sbom and written again with its licences; in
#           CycloneDX, "a DEPENDENCY_OF b" becomes "b depends on a" (SPDX 2.3, clause 11.1).
# Seen:     each licence expression with OR or AND, and NOASSERTION, become UNKNOWN, which is neither on SPDX's list
#           nor one of its two special values, so that spdx-tools refuses the file (and before that its version of the
#           list, 3.28.0, where the specification has M.N). In CycloneDX such a component has no licence. Every
#           relationship becomes "a depends on b": those ending in OF, and CONTAINED_BY, are the wrong way round.
# Effect:   a merge or conversion loses dual licences, its result is refused, and a graph of what an image's packages
#           need points from the build tool to the program.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check lib4sbom==0.10.4 spdx-tools==0.8.5
cat >through.py <<'PY'
import json
import logging
from pathlib import Path

from lib4sbom.generator import SBOMGenerator
from lib4sbom.parser import SBOMParser
from spdx_tools.spdx.parser.error import SPDXParsingError
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

logging.disable()
LICENSES = ("Zlib", "MIT OR Apache-2.0", "MIT AND Zlib", "NOASSERTION", "NONE")
RELATIONSHIPS = ("DEPENDS_ON", "DEPENDENCY_OF", "BUILD_TOOL_OF", "CONTAINED_BY")


def package(name, license="NOASSERTION"):
    return {
        "SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": "1", "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "licenseConcluded": license, "licenseDeclared": license,
    }  # fmt: skip


def document(packages, *relationship):
    given = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "app",
        "documentNamespace": "https://example.org/app",
        "creationInfo": {"created": "2026-11-01T08:00:00Z", "creators": ["Tool: builder-1"]},
        "packages": packages,
    }  # fmt: skip
    facts = [("SPDXRef-DOCUMENT", "DESCRIBES", packages[0]["SPDXID"])] + ([relationship] if relationship else [])
    names = ("spdxElementId", "relationshipType", "relatedSpdxElement")
    Path("given.json").write_text(json.dumps({**given, "relationships": [dict(zip(names, one)) for one in facts]}))
    assert validate_full_spdx_document(parse_file("given.json")) == [], "the document is not valid"


def written(kind):
    parser = SBOMParser()
    parser.parse_file("given.json")
    SBOMGenerator(False, sbom_type=kind, format="json").generate("app", parser.get_sbom(), filename=f"{kind}.json")
    return json.loads(Path(f"{kind}.json").read_text())


document([package("app"), *(package(f"p{number}", license) for number, license in enumerate(LICENSES))])
spdx, cyclonedx = written("spdx"), written("cyclonedx")
for license, one, other in zip(LICENSES, spdx["packages"][1:], cyclonedx["components"][1:]):
    print(f"{license}: {one['licenseConcluded']}, in CycloneDX {len(other.get('licenses', ()))}")
try:
    parse_file("spdx.json")
except SPDXParsingError as error:
    print(*error.get_messages())
Path("spdx.json").write_text(Path("spdx.json").read_text().replace('"3.28.0"', '"3.28"'))
found = validate_full_spdx_document(parse_file("spdx.json"))
print(*sorted({one.validation_message.partition(".")[0] for one in found}))
for relationship in RELATIONSHIPS:
    document([package("app"), package("a"), package("b")], "SPDXRef-a", relationship, "SPDXRef-b")
    graph = {one["ref"]: one["dependsOn"] for one in written("cyclonedx")["dependencies"]}
    print(f"a {relationship} b: a needs", *(name.removeprefix("SPDXRef-") for name in graph["SPDXRef-a"]))
PY
venv/bin/python through.py >seen
cat seen
[ "$(cat seen)" = "Zlib: Zlib, in CycloneDX 1
MIT OR Apache-2.0: UNKNOWN, in CycloneDX 0
MIT AND Zlib: UNKNOWN, in CycloneDX 0
NOASSERTION: UNKNOWN, in CycloneDX 0
NONE: NONE, in CycloneDX 0
Error while parsing Document: ['Error while parsing version 3.28.0: 3.28.0 is not a valid version string']
Unrecognized license reference: UNKNOWN
a DEPENDS_ON b: a needs b
a DEPENDENCY_OF b: a needs b
a BUILD_TOOL_OF b: a needs b
a CONTAINED_BY b: a needs b" ] || { echo "the behaviour has changed"; exit 1; }
