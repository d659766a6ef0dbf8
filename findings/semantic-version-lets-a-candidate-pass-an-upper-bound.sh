#!/bin/sh
# Packages: semantic-version 2.10.0 (PyPI) and semver 7.8.6 (npm).
# Expected: `NpmSpec`, "NPM-style" ranges, takes what npm takes: a candidate only where a bound of the range is a
#           candidate of the same version, and then by its order: 2.0.0-rc.1 is above 2.0.0-beta.2 and 2.0.0-alpha.
# Seen:     a range that has an upper bound alone takes each candidate of that version, be it above the bound:
#           <2.0.0 and <=2.0.0-alpha take 2.0.0-rc.1. With a lower bound beside it (>=1.0.0 <2.0.0) it takes none,
#           and >1.0.0-alpha <2.0.0-beta leaves out 2.0.0-alpha, which lies between.
# Effect:   what asks for the highest tag below 2.0.0 gets the candidate of 2.0.0, with the changes that the bound was
#           there to keep out.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check semantic-version==2.10.0
npm install --silent --no-audit --no-fund semver@7.8.6 >npm.log 2>&1
cat >ranges.json <<'JSON'
{"ranges": ["<2.0.0", ">=1.0.0 <2.0.0", "<2.0.0-beta.2", "<=2.0.0-alpha", ">1.0.0-alpha <2.0.0-beta"],
 "tags": ["1.9.0", "2.0.0-alpha", "2.0.0-beta.1", "2.0.0-rc.1"]}
JSON
cat >npm.js <<'JS'
const semver = require("semver");
const { ranges, tags } = require("./ranges.json");
for (const range of ranges) console.log(`npm ${range}: ${tags.filter(tag => semver.satisfies(tag, range)).join(" ")}`);
JS
cat >python.py <<'PY'
import json

from semantic_version import NpmSpec, Version

given = json.load(open("ranges.json"))
for text in given["ranges"]:
    print(f"NpmSpec {text}:", *(tag for tag in given["tags"] if Version(tag) in NpmSpec(text)))
PY
{ node npm.js; venv/bin/python python.py; } >seen
cat seen
[ "$(cat seen)" = "npm <2.0.0: 1.9.0
npm >=1.0.0 <2.0.0: 1.9.0
npm <2.0.0-beta.2: 1.9.0 2.0.0-alpha 2.0.0-beta.1
npm <=2.0.0-alpha: 1.9.0 2.0.0-alpha
npm >1.0.0-alpha <2.0.0-beta: 1.9.0 2.0.0-alpha
NpmSpec <2.0.0: 1.9.0 2.0.0-alpha 2.0.0-beta.1 2.0.0-rc.1
NpmSpec >=1.0.0 <2.0.0: 1.9.0
NpmSpec <2.0.0-beta.2: 1.9.0 2.0.0-alpha 2.0.0-beta.1 2.0.0-rc.1
NpmSpec <=2.0.0-alpha: 1.9.0 2.0.0-alpha 2.0.0-beta.1 2.0.0-rc.1
NpmSpec >1.0.0-alpha <2.0.0-beta: 1.9.0" ] || { echo "the behaviour has changed"; exit 1; }
