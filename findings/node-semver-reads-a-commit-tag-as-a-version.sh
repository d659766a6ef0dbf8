#!/bin/sh
# Package: semver 7.8.6 (npm).
# Expected: semver.coerce() finds the version in a tag that has one, and answers null for a tag without.
# Seen:     the tag of a commit, sha-4f1e2d3c4b5a, becomes version 4.0.0 (the first digit of the hash), while the
#           calendar version release-2024.01.05, which has three numbers, becomes null for its leading zeros.
# Effect:   a clean-up or a "highest tag" that coerces all tags of an image repository ranks commits among the
#           releases; whether it does depends on the hash.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund semver@7.8.6 >/dev/null)
cat > "$work/coerce.mjs" <<'JS'
import semver from 'semver'
const tags = ['sha-4f1e2d3c4b5a', 'sha-abcdefabcdef', 'release-2024.01.05', 'v1.2.3-rc.1', 'latest']
const seen = Object.fromEntries(tags.map(tag => [tag, semver.coerce(tag)?.version ?? null]))
console.log(JSON.stringify(seen))
const expected = { 'sha-4f1e2d3c4b5a': '4.0.0', 'sha-abcdefabcdef': null, 'release-2024.01.05': null, 'v1.2.3-rc.1': '1.2.3', latest: null }
if (JSON.stringify(seen) !== JSON.stringify(expected)) { console.log('the behaviour has changed'); process.exit(1) }
JS
node "$work/coerce.mjs"
echo "as recorded"
