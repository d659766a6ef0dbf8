#!/bin/sh
# Packages: docker 7.1.0 (PyPI, Docker's own SDK for Python) and @balena/dockerignore 1.0.2 (npm).
# Expected: the SDK leaves out of the build context what `docker build` leaves out: .dockerignore follows Go's
#           filepath.Match, where a class is negated by ^ alone and a backslash quotes the next character, and
#           a file below an ignored folder comes back by a later "!" pattern.
# Seen:     the npm package does, as BuildKit of Docker Engine 28.5.2 did with the same files. The SDK uses Python's
#           rules instead: [^a-c].txt leaves d.txt in the context and takes a.txt out, [!a-c].txt the other way
#           round, \#notes ignores nothing, and after "*" the pattern "!**/*.md" brings no file of a folder back.
# Effect:   the same folder gives two different images, by the client that builds it.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check docker==7.1.0
(cd "$work" && npm install --silent --no-audit --no-fund @balena/dockerignore@1.0.2 >/dev/null)
mkdir -p "$work/context/guide"
for name in a.txt d.txt README.md guide/first.md '#notes'; do : > "$work/context/$name"; done
cat > "$work/patterns.json" <<'JSON'
[["[^a-c].txt"], ["[!a-c].txt"], ["\\#notes"], ["*", "!**/*.md"]]
JSON
"$work/venv/bin/python" - "$work" > "$work/sdk" <<'PY'
import json, os, sys
from docker.utils.build import exclude_paths
context = os.path.join(sys.argv[1], "context")
for patterns in json.load(open(sys.argv[1] + "/patterns.json")):
    kept = [one for one in exclude_paths(context, patterns) if os.path.isfile(os.path.join(context, one))]
    print(" ".join(sorted(kept)))
PY
cat > "$work/balena.mjs" <<'JS'
import { readFileSync } from 'node:fs'
import ignore from '@balena/dockerignore'
const names = ['a.txt', 'd.txt', 'README.md', 'guide/first.md', '#notes']
for (const patterns of JSON.parse(readFileSync('patterns.json', 'utf8'))) console.log(ignore().add(patterns).filter(names).sort().join(' '))
JS
(cd "$work" && node balena.mjs) > "$work/npm"
echo "docker (PyPI):"; cat "$work/sdk"; echo "@balena/dockerignore:"; cat "$work/npm"
cat > "$work/sdk.expected" <<'TEXT'
#notes README.md d.txt guide/first.md
#notes README.md a.txt guide/first.md
#notes README.md a.txt d.txt guide/first.md
README.md
TEXT
cat > "$work/npm.expected" <<'TEXT'
#notes README.md a.txt guide/first.md
#notes README.md d.txt guide/first.md
README.md a.txt d.txt guide/first.md
README.md guide/first.md
TEXT
cmp "$work/sdk" "$work/sdk.expected" && cmp "$work/npm" "$work/npm.expected" || { echo "the behaviour has changed"; exit 1; }
echo "as recorded"
