#!/bin/sh
# Package: cyclonedx-python-lib 11.12.0 (PyPI), the library of CycloneDX itself for Python.
# Expected: a BOM of version 1.6 that its own strict validator accepts is read and written back whole; what it has
#           no class for is an error, or at least a warning.
# Seen:     `compositions` (that a BOM is incomplete), `annotations`, and of a vulnerability `rejected` and
#           `proofOfConcept` are gone, without an error, and none under `python -W error`.
# Effect:   a program that adds one property to a BOM brings rejected findings back to life, and makes an
#           incomplete list of packages look complete.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'cyclonedx-python-lib[json-validation]==11.12.0'
cat >bom.json <<'JSON'
{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": {"component": {"type": "container", "bom-ref": "image", "name": "app", "version": "1.4.2"}},
  "components": [{"type": "library", "bom-ref": "lib", "name": "zlib", "version": "1.3"}],
  "dependencies": [{"ref": "image", "dependsOn": ["lib"]}],
  "compositions": [{"aggregate": "incomplete", "assemblies": ["image"]}],
  "annotations": [{
    "subjects": ["lib"], "annotator": {"individual": {"name": "reviewer"}},
    "timestamp": "2026-01-02T00:00:00Z", "text": "patched by the distribution"}],
  "vulnerabilities": [{
    "id": "CVE-2024-0001", "rejected": "2026-01-01T00:00:00Z", "workaround": "none",
    "proofOfConcept": {"reproductionSteps": "none known"}, "affects": [{"ref": "lib"}]}]
}
JSON
cat >through.py <<'PY'
import json
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

text = Path("bom.json").read_text()
assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None, "the BOM is not valid"
given = json.loads(text)
back = json.loads(JsonV1Dot6(Bom.from_json(given)).output_as_string())
print("lost:", *sorted(given.keys() - back.keys()))
print("lost of the vulnerability:", *sorted(given["vulnerabilities"][0].keys() - back["vulnerabilities"][0].keys()))
PY
venv/bin/python -W error through.py >seen
cat seen
[ "$(cat seen)" = "lost: annotations compositions
lost of the vulnerability: proofOfConcept rejected" ] || { echo "the behaviour has changed"; exit 1; }
