#!/bin/sh
# Package: sbomdiff 0.6.0 (PyPI), with lib4sbom 0.10.4.
# Expected: of two SBOMs of an image with Node.js packages, in which a package is there in two versions at once, as npm
#           installs it, the difference is what was added and removed: 9.0.5 went, 10.0.1 came.
# Seen:     of each name the first version in the file is compared, and the others are left out, although
#           lib4sbom reads them all: the update of the second version is no change, and the removal of the first
#           is reported as its update to the version that stayed.
# Effect:   release notes or a review that lists what is new in an image by its SBOMs misses updates.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sbomdiff==0.6.0 lib4sbom==0.10.4
cat >write.py <<'PY'
import json
from pathlib import Path

from lib4sbom.parser import SBOMParser

RELEASES = {
    "1.0.json": ["minimatch@3.1.2", "minimatch@9.0.5", "ms@2.1.3"],
    "1.1.json": ["minimatch@3.1.2", "minimatch@10.0.1", "ms@2.1.3"],
    "1.2.json": ["minimatch@10.0.1", "ms@2.1.3"],
}
for file, packages in RELEASES.items():
    components = [
        {"type": "library", "bom-ref": package, "name": package.partition("@")[0], "version": package.partition("@")[2],
         "purl": f"pkg:npm/{package}"}
        for package in packages
    ]  # fmt: skip
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    Path(file).write_text(json.dumps(document))
    parser = SBOMParser()
    parser.parse_file(file)
    assert len(parser.get_packages()) == len(packages), "lib4sbom has changed"
PY
venv/bin/python write.py
difference() {
  lines=$(venv/bin/sbomdiff "$1.json" "$2.json" | sed -nE 's/^\[VERSION\] //p; /: +[1-9]/s/: +/: /p' | paste -sd';' -)
  echo "$1 to $2: ${lines:-no difference}"
}
{ difference 1.0 1.1; difference 1.1 1.2; } >seen
cat seen
[ "$(cat seen)" = "1.0 to 1.1: no difference
1.1 to 1.2: minimatch: Version changed from 3.1.2 to 10.0.1;Version changes: 1" ] ||
  { echo "the behaviour has changed"; exit 1; }
