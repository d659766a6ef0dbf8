#!/bin/sh
# Packages: dunamai 1.26.5 and setuptools-scm 10.3.4 (PyPI), with git.
# Expected: where two versions were tagged on one commit (a release candidate's successor, or a tag that was set
#           twice), the version of the commit is the higher one, and what follows comes after it.
# Seen:     both tools say 1.4.2 for a commit that has v1.4.2 and v1.5.0, as `git describe` does, which ranks
#           lightweight tags of one commit by name order and not by version; the next commit is 1.4.3.dev1 to
#           setuptools-scm and 1.4.2.post1.dev0 to dunamai: both below the 1.5.0 that is released.
# Effect:   a snapshot image gets a version lower than the release that it is built upon.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dunamai==1.26.5 setuptools-scm==10.3.4
cd "$work" && git init -q -b main project && cd project
git config user.email writer@example.org && git config user.name Writer
git commit -q --allow-empty -m "feat: one" && git tag v1.4.2 && git tag v1.5.0
on="$("$work/venv/bin/dunamai" from git) $("$work/venv/bin/python" -m setuptools_scm 2>/dev/null)"
git commit -q --allow-empty -m "fix: two"
after="$("$work/venv/bin/dunamai" from git | cut -d+ -f1) $("$work/venv/bin/python" -m setuptools_scm 2>/dev/null | cut -d+ -f1)"
echo "on the commit with v1.4.2 and v1.5.0: $on"; echo "one commit later: $after"
[ "$on" = "1.4.2 1.4.2" ] && [ "$after" = "1.4.2.post1.dev0 1.4.3.dev1" ] || { echo "the behaviour has changed"; exit 1; }
echo "as recorded"
