#!/bin/sh
# Packages: compare-versions 6.1.1 and semver 7.8.6 (npm).
# Expected: `satisfies` "accepts a range to compare, compatible with npm package versioning" (its README), so that it
#           agrees with semver, which is npm's: ~1.2.3-rc.1 and ^1.2.3-rc.1 take the candidates from rc.1 on and then
#           the release 1.2.3 and its fixes, 1.x takes 1.2.3, and ^1.2.3 takes no candidate of 1.3.0.
# Seen:     all four are the other way round. A range that begins with a candidate takes the candidates alone; ^1 takes
#           1.2.3, and 1 and 1.x do not. The order of two versions is wrong as well where an identifier begins with a
#           digit, as the hash of a commit may: 1.5.0-9a is less than 1.5.0-10a (Semantic Versioning 2.0.0, item 11,
#           compares these as text).
# Effect:   what follows ~1.2.3-rc.1, to get the release when it comes, stays on the candidate; what follows ^1.2.3 gets
#           candidates.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund compare-versions@6.1.1 semver@7.8.6 >npm.log 2>&1
cat >ranges.js <<'JS'
const semver = require("semver");
const { compareVersions, satisfies } = require("compare-versions");
for (const [version, range] of [
  ["1.2.4", "^1.2.3"], ["1.2.3-rc.2", "~1.2.3-rc.1"], ["1.2.3", "~1.2.3-rc.1"], ["1.2.4", "^1.2.3-rc.1"],
  ["1.2.3", "^1"], ["1.2.3", "1"], ["1.2.3", "1.x"], ["1.3.0-rc.1", "^1.2.3"],
])
  console.log(`${version} in ${range}: semver ${semver.satisfies(version, range)}, compare-versions ${satisfies(version, range)}`);
console.log(`9a and 10a: semver ${semver.compare("1.5.0-9a", "1.5.0-10a")}, compare-versions ${compareVersions("1.5.0-9a", "1.5.0-10a")}`);
JS
node ranges.js >seen
cat seen
[ "$(cat seen)" = "1.2.4 in ^1.2.3: semver true, compare-versions true
1.2.3-rc.2 in ~1.2.3-rc.1: semver true, compare-versions true
1.2.3 in ~1.2.3-rc.1: semver true, compare-versions false
1.2.4 in ^1.2.3-rc.1: semver true, compare-versions false
1.2.3 in ^1: semver true, compare-versions true
1.2.3 in 1: semver true, compare-versions false
1.2.3 in 1.x: semver true, compare-versions false
1.3.0-rc.1 in ^1.2.3: semver false, compare-versions true
9a and 10a: semver 1, compare-versions -1" ] || { echo "the behaviour has changed"; exit 1; }
