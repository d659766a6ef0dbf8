#!/bin/sh
# Packages: @semantic-release/commit-analyzer 13.0.1 with conventional-changelog-conventionalcommits 9.3.1 (npm),
#           commitizen 4.19.3, python-semantic-release 10.7.0 and git-cliff 2.14.2 (PyPI), with git.
# Expected: all follow conventionalcommits.org 1.0.0, item 15: but for BREAKING CHANGE, case does not matter. "Feat: x"
#           is a feature, and "Feat!: x" a breaking change.
# Seen:     git-cliff does so. "Feat: x" releases nothing in the other three. "FEAT: x" is a minor version to
#           semantic-release, by a rule that it keeps for JSHint, and nothing to the two others. "Feat!: x" is a major
#           version to semantic-release and commitizen, and nothing to python-semantic-release.
# Effect:   a breaking change goes out with the next fix, or a feature with none, because of a capital letter; and a
#           repository that changes the tool has other versions for the same commits.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile commitizen==4.19.3 \
  python-semantic-release==10.7.0 git-cliff==2.14.2
npm install --silent --no-audit --no-fund @semantic-release/commit-analyzer@13.0.1 \
  conventional-changelog-conventionalcommits@9.3.1 >npm.log 2>&1
cat >analyze.mjs <<'JS'
import { analyzeCommits } from "@semantic-release/commit-analyzer";
const [message] = process.argv.slice(2);
const context = { cwd: process.cwd(), commits: [{ hash: "a", message }], logger: { log() {} } };
const level = await analyzeCommits({ preset: "conventionalcommits" }, context);
console.log({ major: "2.0.0", minor: "1.1.0", patch: "1.0.1" }[level] ?? "none");
JS
git init -q -b main project
cd project
git config user.email writer@example.org && git config user.name Writer
git remote add origin https://github.com/acme/app.git
git commit -q --allow-empty -m "feat: the first" && git tag 1.0.0
cat >.cz.toml <<'TOML'
[tool.commitizen]
version_provider = "scm"
tag_format = "$version"
TOML
cat >releaserc.toml <<'TOML'
[semantic_release]
tag_format = "{version}"
TOML
# python-semantic-release prints the last version where it would release none.
version() { grep -vx 1.0.0 | grep -oE '^[0-9]+\.[0-9]+\.[0-9]+$' || echo none; }
for message in "feat: x" "Feat: x" "FEAT: x" "feat!: x" "Feat!: x"; do
  git reset -q --hard 1.0.0 && git commit -q --allow-empty -m "$message"
  commitizen=$(../venv/bin/cz bump --get-next --yes 2>/dev/null | version)
  python=$(../venv/bin/semantic-release --config releaserc.toml --noop version --print 2>/dev/null | version)
  semantic=$(cd .. && node analyze.mjs "$message")
  cliff=$(../venv/bin/git-cliff --offline --bumped-version 2>/dev/null | version)
  echo "$message: semantic-release $semantic, commitizen $commitizen, python-semantic-release $python, git-cliff $cliff"
done >../seen
cat ../seen
[ "$(cat ../seen)" = "feat: x: semantic-release 1.1.0, commitizen 1.1.0, python-semantic-release 1.1.0, git-cliff 1.1.0
Feat: x: semantic-release none, commitizen none, python-semantic-release none, git-cliff 1.1.0
FEAT: x: semantic-release 1.1.0, commitizen none, python-semantic-release none, git-cliff 1.1.0
feat!: x: semantic-release 2.0.0, commitizen 2.0.0, python-semantic-release 2.0.0, git-cliff 2.0.0
Feat!: x: semantic-release 2.0.0, commitizen 2.0.0, python-semantic-release none, git-cliff 2.0.0" ] ||
  { echo "the behaviour has changed"; exit 1; }
