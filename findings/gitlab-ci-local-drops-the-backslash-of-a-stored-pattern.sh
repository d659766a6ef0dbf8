#!/bin/sh
# Package: gitlab-ci-local 4.75.1 (npm), which runs the pipelines of GitLab locally, with Node.js 22 of npm, and git.
# Expected: a regular expression may be stored in a variable (docs.gitlab.com/ci/jobs/job_rules, "Store a regular
#           expression in a variable"), and means there what it means in the rule: $TAG =~ $VERSION, with
#           VERSION: '/^v\d+$/', is true of v12.
# Seen:     the same expression is true in the rule and false in the variable: its backslashes are gone, so that \d is
#           the letter d, and \. any character. Without backslash the two are alike.
# Effect:   the job that releases a version does not run in a local test, and the one for every other tag
#           does; with `\.` in it, the pattern takes tags that GitLab does not.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund node@22.23.3 gitlab-ci-local@4.75.1 >npm.log 2>&1
PATH="$work/node_modules/.bin:$PATH"
git init -q -b main project
cd project
git config user.email writer@example.org && git config user.name Writer
git remote add origin https://gitlab.com/acme/app.git
cat >.gitlab-ci.yml <<'YAML'
variables:
  TAG: v12
  OTHER: v1x2
  CLASS: '/^v\d+$/'
  SET: '/^v[0-9]+$/'
  DOT: '/^v1\.2$/'
.job: {script: [echo]}
class in the rule: {extends: .job, rules: [{if: '$TAG =~ /^v\d+$/'}]}
class in a variable: {extends: .job, rules: [{if: '$TAG =~ $CLASS'}]}
not the class in a variable: {extends: .job, rules: [{if: '$TAG !~ $CLASS'}]}
set in a variable: {extends: .job, rules: [{if: '$TAG =~ $SET'}]}
dot in the rule: {extends: .job, rules: [{if: '$OTHER =~ /^v1\.2$/'}]}
dot in a variable: {extends: .job, rules: [{if: '$OTHER =~ $DOT'}]}
YAML
git add . && git commit -q -m "feat: one"
gitlab-ci-local --list-csv 2>../list.log | cut -d';' -f1 | grep -v '^name$' >../seen
cat ../seen
[ "$(cat ../seen)" = "class in the rule
not the class in a variable
set in a variable
dot in a variable" ] || { echo "the behaviour has changed"; exit 1; }
