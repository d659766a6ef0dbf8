#!/bin/sh
# Packages: dulwich 1.2.21 (PyPI) and pygit2 1.21.0 (PyPI), with git.
# Expected: `porcelain.describe`, which writes v1.2.0-5-gabcdefa as git does, names the tag that git does: of all
#           that the commit contains, the one with the fewest commits between (git-describe, "Search strategy").
# Seen:     it names the tag whose commit has the latest date. After v1.2.0, a hot fix of the release before, v1.1.1,
#           is merged into main: git and pygit2 say v1.2.0-3 (three commits), dulwich v1.1.1-1. The number is that of
#           the commits newer than the tag's, and not of the five that the tag lacks.
# Effect:   the version goes back on main as soon as a fix of an old release is merged, and a snapshot after it is
#           sorted below the release that it contains.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dulwich==1.2.21 pygit2==1.21.0
git init -q -b main project && cd project
git config user.email writer@example.org && git config user.name Writer
time=1700000000
commit() {
  time=$((time + 100))
  GIT_AUTHOR_DATE="$time +0000" GIT_COMMITTER_DATE="$time +0000" git "$@"
}
describe() {
  echo "$1: git $(git describe --abbrev=7), pygit2 $(../venv/bin/python -c '
import pygit2
print(pygit2.Repository(".").describe())'), dulwich $(../venv/bin/python -c '
from dulwich import porcelain
print(porcelain.describe("."))')" | sed -E 's/-g[0-9a-f]{7}//g'
}
{
  commit commit -q --allow-empty -m "feat: one" && commit tag -a v1.1.0 -m 1.1.0
  commit commit -q --allow-empty -m "feat: two" && commit commit -q --allow-empty -m "fix: two" && commit tag -a v1.2.0 -m 1.2.0
  commit commit -q --allow-empty -m "feat: three"
  describe "one commit after v1.2.0"
  git checkout -q -b hotfix v1.1.0
  commit commit -q --allow-empty -m "fix: old" && commit tag -a v1.1.1 -m 1.1.1
  git checkout -q main
  commit merge -q --no-ff hotfix -m "merge the fix"
  describe "with v1.1.1 merged"
  commit commit -q --allow-empty -m "feat: four"
  describe "one commit later"
} >../seen
cat ../seen
[ "$(cat ../seen)" = "one commit after v1.2.0: git v1.2.0-1, pygit2 v1.2.0-1, dulwich v1.2.0-1
with v1.1.1 merged: git v1.2.0-3, pygit2 v1.2.0-3, dulwich v1.1.1-1
one commit later: git v1.2.0-4, pygit2 v1.2.0-4, dulwich v1.1.1-2" ] || { echo "the behaviour has changed"; exit 1; }
