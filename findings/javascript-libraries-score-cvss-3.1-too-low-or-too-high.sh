#!/bin/sh
# Packages: cvss 1.0.5 and vuln-vects 1.1.0 (npm), and cvss 3.6 (PyPI, by Red Hat) for what is right.
# Expected: a vector of CVSS 3.1 gets the score of the specification, or an error from what does not read this version.
# Seen:     to npm's cvss each vector that begins with CVSS:3.1 is 0, "None", without an error; its text for CVSS:3.0 is
#           scored. vuln-vects scores the base right. With any environmental metric, even one that changes nothing
#           (CR:M), it takes the weights of a changed scope for the privileges where MS is not given: 7.9 for 7.1.
# Effect:   a gate that fails from 7 on lets all pass, as databases have had 3.1 since 2019; with the other library, a
#           rating for one's own environment raises what it was to lower.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cvss==3.6
npm install --silent --no-audit --no-fund cvss@1.0.5 vuln-vects@1.1.0 >npm.log 2>&1
cat >vectors.json <<'JSON'
{"critical, as 3.0": "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
 "critical": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
 "high": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:L/A:N",
 "high and CR:M": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:L/A:N/CR:M",
 "high and MPR:H": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:L/A:N/MPR:H",
 "high and MS:U/CR:M": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:L/A:N/MS:U/CR:M"}
JSON
cat >score.py <<'PY'
import json

from cvss import CVSS3

for name, vector in json.load(open("vectors.json")).items():
    print(f"right: {name} {CVSS3(vector).scores()[2]}")
PY
cat >score.js <<'JS'
const cvss = require("cvss");
const { parseCvss3Vector } = require("vuln-vects");
for (const [name, vector] of Object.entries(require("./vectors.json"))) {
  const score = cvss.getScore(vector);
  console.log(`npm: ${name} cvss ${score} ${cvss.getRating(score)}, vuln-vects ${parseCvss3Vector(vector).overallScore}`);
}
JS
{ venv/bin/python score.py; node score.js; } >seen
cat seen
[ "$(cat seen)" = "right: critical, as 3.0 9.8
right: critical 9.8
right: high 7.1
right: high and CR:M 7.1
right: high and MPR:H 5.5
right: high and MS:U/CR:M 7.1
npm: critical, as 3.0 cvss 9.8 Critical, vuln-vects 9.8
npm: critical cvss 0 None, vuln-vects 9.8
npm: high cvss 0 None, vuln-vects 7.1
npm: high and CR:M cvss 0 None, vuln-vects 7.9
npm: high and MPR:H cvss 0 None, vuln-vects 7.1
npm: high and MS:U/CR:M cvss 0 None, vuln-vects 7.1" ] || { echo "the behaviour has changed"; exit 1; }
