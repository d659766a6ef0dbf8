#!/bin/sh
# Packages: commitizen 4.19.3 (PyPI), semver 7.8.6 (npm), with git.
# Expected: with `version_scheme = "semver"`, the release candidate after 1.5.0-rc9 is one that Semantic Versioning
#           sorts after it, be it 2.0.0 (item 11, identifiers with letters are compared as text) or the 1.0.0 that
#           commitizen names as this scheme's source (pre-releases in the order of ASCII).
# Seen:     it is 1.5.0-rc10, which both sort before 1.5.0-rc2. Commitizen itself, which orders by Python's rules,
#           goes on to rc11. The scheme "semver2" writes 1.5.0-rc.10, which is in order.
# Effect:   from the tenth candidate on, whatever looks for the highest tag of a repository or of an image stays at rc9.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check commitizen==4.19.3
npm install --silent --no-audit --no-fund semver@7.8.6 >npm.log 2>&1
git init -q -b main project
cd project
git config user.email writer@example.org && git config user.name Writer
next() {
  printf '[tool.commitizen]\nversion_provider = "scm"\ntag_format = "$version"\nversion_scheme = "%s"\n' "$1" >.cz.toml
  ../venv/bin/cz bump --get-next --prerelease rc --yes 2>/dev/null | tail -1
}
highest() { (cd .. && node -e 'console.log(require("semver").rsort(process.argv.slice(1))[0])' "$@"); }
commit() { git commit -q --allow-empty -m "$1"; }
commit "feat: one" && git tag 1.4.0
commit "feat: two" && git tag 1.5.0-rc9
commit "fix: three" && tenth=$(next semver) && git tag "$tenth"
commit "fix: four" && eleventh=$(next semver)
echo "semver: 1.5.0-rc9 $tenth $eleventh, highest $(highest 1.5.0-rc9 "$tenth" "$eleventh")" >../seen
git tag -d 1.5.0-rc9 "$tenth" >/dev/null
git tag 1.5.0-rc.9 HEAD~2
tenth=$(next semver2)
echo "semver2: 1.5.0-rc.9 $tenth, highest $(highest 1.5.0-rc.9 "$tenth")" >>../seen
cat ../seen
[ "$(cat ../seen)" = "semver: 1.5.0-rc9 1.5.0-rc10 1.5.0-rc11, highest 1.5.0-rc9
semver2: 1.5.0-rc.9 1.5.0-rc.10, highest 1.5.0-rc.10" ] || { echo "the behaviour has changed"; exit 1; }
