#!/bin/sh
# Package: cvss 3.6 (PyPI), and FIRST's JSON schemas of CVSS 3.1 and 4.0.
# Expected: as_json() of a CVSS 4.0 vector has the form that FIRST's schema asks for, as it does for CVSS 3.1:
#           "version": "4.0" and "baseSeverity" in capitals (NONE, LOW, MEDIUM, HIGH, CRITICAL).
# Seen:     CVSS 3.1 gives version "3.1" and "CRITICAL"; CVSS 4.0 gives version "4" and "Critical".
# Effect:   a report that counts both by baseSeverity counts one severity twice, and a
#           consumer that validates the document refuses it.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cvss==3.6
"$work/venv/bin/python" - <<'PY'
from cvss import CVSS3, CVSS4
three = CVSS3("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H").as_json()
four = CVSS4("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N").as_json()
seen = [(one["version"], one["baseSeverity"]) for one in (three, four)]
print("version and baseSeverity:", seen)
assert seen == [("3.1", "CRITICAL"), ("4", "Critical")], "the behaviour has changed"
PY
echo "as recorded"
