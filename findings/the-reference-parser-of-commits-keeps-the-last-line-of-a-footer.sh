#!/bin/sh
# Package: @conventional-commits/parser 0.4.1 (npm), by the authors of the convention and below release-please 17; with git.
# Expected: the value of a footer may have several lines, up to the next footer (conventionalcommits.org 1.0.0,
#           item 10). Lines that continue it are indented, as git folds and reads the values of trailers.
# Seen:     of a value that is continued on indented lines, the last line alone is left; what git reads of the same
#           message is whole. Lines that are not indented are kept.
# Effect:   the changelog of a breaking change says the end of a sentence, and not what breaks.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @conventional-commits/parser@0.4.1 >npm.log 2>&1
cat >folded <<'TEXT'
feat: images are pushed as OCI

BREAKING-CHANGE: clients before Docker 1.12
  cannot pull them
  any longer
Reviewed-by: Z
TEXT
sed 's/^  //' folded >plain
cat >notes.js <<'JS'
const { readFileSync } = require("node:fs");
const { parser, toConventionalChangelogFormat } = require("@conventional-commits/parser");
for (const name of ["folded", "plain"]) {
  const { notes } = toConventionalChangelogFormat(parser(readFileSync(name, "utf8").trim()));
  console.log(`parser, ${name}: ${notes.map((note) => note.text.replaceAll("\n", " "))}`);
}
JS
{ node notes.js; echo "git, folded: $(git interpret-trailers --parse <folded | sed -n 's/^BREAKING-CHANGE: //p')"; } >seen
cat seen
[ "$(cat seen)" = "parser, folded: any longer
parser, plain: clients before Docker 1.12 cannot pull them any longer
git, folded: clients before Docker 1.12 cannot pull them any longer" ] || { echo "the behaviour has changed"; exit 1; }
