#!/bin/sh
# Packages: vexipy 0.3.0 and lib4vex 0.2.3 (PyPI), both readers and writers of OpenVEX.
# Expected: a statement without a timestamp has that of its document (OpenVEX 0.2.0, "Inheritance Flow"), and keeps it
#           when a statement is added to the document ("Updating Statements with Inherited Data"). The latest statement
#           on a vulnerability counts.
# Seen:     vexipy gives the statement the time at which the document is read: of two statements, the older one becomes
#           the newer, and each reading gives another time. What it writes by default is not OpenVEX: `context` and `id`
#           in place of `@context` and `@id` (`by_alias=True` brings them back). lib4vex raises KeyError.
# Effect:   to add a statement to a document of last year with vexipy dates all of last year's to today; a "fixed" of
#           this year loses against them.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check vexipy==0.3.0 pydantic==2.12.5 lib4vex==0.2.3
cat >app.json <<'JSON'
{
  "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/app", "author": "Acme", "role": "maker",
  "version": 2, "timestamp": "2024-03-01T08:00:00Z",
  "statements": [
    {"vulnerability": {"name": "CVE-2024-0001"}, "products": [{"@id": "pkg:oci/app"}],
     "status": "affected", "action_statement": "Update to 1.4.3."},
    {"vulnerability": {"name": "CVE-2024-0001"}, "products": [{"@id": "pkg:oci/app"}],
     "status": "fixed", "timestamp": "2025-02-01T08:00:00Z"}
  ]
}
JSON
cat >read.py <<'PY'
import datetime
import json
from pathlib import Path

from lib4vex.parser import VEXParser
from vexipy import Document

text = Path("app.json").read_text()
before = datetime.datetime.now(datetime.timezone.utc)
one, other = Document.from_json(text), Document.from_json(text)
latest = max(one.statements, key=lambda statement: statement.timestamp)
print("vexipy: latest", latest.status.value, "since the reading:", latest.timestamp >= before)
print("vexipy: the same when read twice:", one == other)
print("vexipy: written without", *sorted(json.loads(text).keys() - json.loads(one.to_json()).keys()))
try:
    parser = VEXParser(vex_type="openvex")
    parser.parse("app.json")
except KeyError as error:
    print("lib4vex: KeyError", error)
PY
venv/bin/python read.py >seen
cat seen
[ "$(cat seen)" = "vexipy: latest affected since the reading: True
vexipy: the same when read twice: False
vexipy: written without @context @id
lib4vex: KeyError 'timestamp'" ] || { echo "the behaviour has changed"; exit 1; }
