#!/bin/sh
# Package: spdx-tools 0.8.5 (PyPI), by the SPDX project, and its command pyspdxtools.
# Expected: a valid SBOM that is converted from one of SPDX's formats to another, and back, says the same.
# Seen:     RDF is written right, and read without parentheses: MIT AND (Apache-2.0 OR BSD-3-Clause) comes back as
#           (MIT AND Apache-2.0) OR BSD-3-Clause, or with the two changed over, as the order is another at each run.
#           Tag-value makes one file of the two that a verification code excludes, and doubles each "contains" that has a
#           comment. All of it is valid to the tool.
# Effect:   a licence that had to be kept may be left out by the text that arrives; the verification code of the
#           package cannot be computed again.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check spdx-tools==0.8.5
cat >sbom.spdx.json <<'JSON'
{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "app",
 "documentNamespace": "https://example.org/app",
 "creationInfo": {"created": "2026-11-01T00:00:00Z", "creators": ["Tool: example"]},
 "packages": [{"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1.4.2", "downloadLocation": "NOASSERTION",
   "licenseConcluded": "MIT AND (Apache-2.0 OR BSD-3-Clause)", "licenseDeclared": "MIT OR (Apache-2.0 AND BSD-3-Clause)",
   "packageVerificationCode": {"packageVerificationCodeValue": "d6a770ba38583ed4bb4525bd96e50461655d2758",
     "packageVerificationCodeExcludedFiles": ["./app.spdx", "./app.sig"]}}],
 "files": [{"SPDXID": "SPDXRef-main", "fileName": "./main.py",
   "checksums": [{"algorithm": "SHA1", "checksumValue": "d6a770ba38583ed4bb4525bd96e50461655d2758"}]}],
 "relationships": [
   {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
   {"spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-main",
    "comment": "built"}]}
JSON
cat >compare.py <<'PY'
import sys

from license_expression import get_spdx_licensing
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

same = get_spdx_licensing().is_equivalent
first = parse_file("sbom.spdx.json")
for file in sys.argv[1:]:
    again = parse_file(file)
    one, two = first.packages[0], again.packages[0]
    contains = [link for link in again.relationships if link.relationship_type.name == "CONTAINS"]
    print(
        f"{file}: valid {not validate_full_spdx_document(again)}, concluded as before"
        f" {same(one.license_concluded, two.license_concluded)}, declared as before"
        f" {same(one.license_declared, two.license_declared)}, excluded {sorted(two.verification_code.excluded_files)},"
        f" contains {len(contains)}"
    )
PY
for format in json yaml xml rdf; do
  venv/bin/pyspdxtools --infile sbom.spdx.json --outfile "again.spdx.$format"
done >convert.log 2>&1
venv/bin/pyspdxtools --infile sbom.spdx.json --outfile again.spdx >>convert.log 2>&1
venv/bin/python compare.py again.spdx.json again.spdx.yaml again.spdx.xml again.spdx.rdf again.spdx 2>/dev/null | grep valid >seen
cat seen
kept="valid True, concluded as before True, declared as before True"
excluded="excluded ['./app.sig', './app.spdx'], contains 1"
[ "$(cat seen)" = "again.spdx.json: $kept, $excluded
again.spdx.yaml: $kept, $excluded
again.spdx.xml: $kept, $excluded
again.spdx.rdf: valid True, concluded as before False, declared as before True, $excluded
again.spdx: $kept, excluded ['./app.spdx ./app.sig'], contains 2" ] || { echo "the behaviour has changed"; exit 1; }
