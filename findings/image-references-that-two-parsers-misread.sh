#!/bin/sh
# Packages: docker-parse-image 3.0.1 (npm), oras 0.2.43 (PyPI).
# Expected: both split a reference as docker does: registry, repository, tag, digest. Repositories of ECR may have
#           several levels, and "localhost" without a port is a registry.
# Seen:     docker-parse-image answers null for a repository of three levels, without an error, and takes a digest
#           for a part of the tag. oras makes docker.io/localhost/app of localhost/app.
# Effect:   a tool for Node.js fails at a property of null for some teams' repositories alone; a push with the
#           Python client of ORAS to localhost/app goes to Docker Hub, under a namespace of that name.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check oras==0.2.43
npm install --silent --no-audit --no-fund docker-parse-image@3.0.1 >npm.log 2>&1
cat >parse.js <<'JS'
const parse = require("docker-parse-image");
const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const digest = "sha256:" + "a".repeat(64);
console.log("two levels:", parse(`${host}/team/app:1.4.2`).repository);
console.log("three levels:", parse(`${host}/team/web/app:1.4.2`));
console.log("digest in the tag:", parse(`${host}/team/app:1.4.2@${digest}`).tag.endsWith(digest));
JS
cat >parse.py <<'PY'
from oras.container import Container

for name in ("localhost:5000/app", "localhost/app"):
    print(f"{name}: registry {Container(name).registry}")
PY
{ node parse.js; venv/bin/python parse.py; } >seen
cat seen
[ "$(cat seen)" = "two levels: app
three levels: null
digest in the tag: true
localhost:5000/app: registry localhost:5000
localhost/app: registry docker.io" ] || { echo "the behaviour has changed"; exit 1; }
