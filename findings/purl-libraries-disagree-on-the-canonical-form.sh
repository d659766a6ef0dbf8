#!/bin/sh
# Packages: packageurl-python 0.17.6 (PyPI) and packageurl-js 2.0.1 (npm), both of the package-url project.
# Expected: "canonical" is one string: what Python prints for an image in Amazon ECR or for a Go module is what
#           JavaScript prints.
# Seen:     the slash within a qualifier (repository_url of pkg:oci) stays in Python and becomes %2F in
#           JavaScript; the plus sign of a version becomes %2B in Python and stays in JavaScript.
# Effect:   an SBOM of the one and a VEX statement of the other do not match by string comparison, although both
#           wrote the canonical form. Compare the parts, never the text.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check packageurl-python==0.17.6
(cd "$work" && npm install --silent --no-audit --no-fund packageurl-js@2.0.1 >/dev/null)
cat > "$work/purls" <<'TEXT'
pkg:oci/app@sha256:244fd47e07d1004f?repository_url=111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app&tag=1.4.2
pkg:golang/github.com/acme/lib@v2.0.0+incompatible
TEXT
"$work/venv/bin/python" -c 'import sys
from packageurl import PackageURL
for line in open(sys.argv[1]): print(PackageURL.from_string(line.strip()).to_string())' "$work/purls" > "$work/python"
cat > "$work/canonical.mjs" <<'JS'
import { readFileSync } from 'node:fs'
import { PackageURL } from 'packageurl-js'
for (const line of readFileSync(process.argv[2], 'utf8').trim().split('\n')) console.log(PackageURL.fromString(line).toString())
JS
node "$work/canonical.mjs" "$work/purls" > "$work/javascript"
echo "Python:"; cat "$work/python"; echo "JavaScript:"; cat "$work/javascript"
grep -q 'amazonaws.com/team/app&' "$work/python" || { echo "Python has changed"; exit 1; }
grep -q 'amazonaws.com%2Fteam%2Fapp&' "$work/javascript" || { echo "JavaScript has changed"; exit 1; }
grep -q 'v2.0.0%2Bincompatible' "$work/python" || { echo "Python has changed"; exit 1; }
grep -q 'v2.0.0+incompatible' "$work/javascript" || { echo "JavaScript has changed"; exit 1; }
echo "as recorded"
