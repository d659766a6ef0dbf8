#!/bin/sh
# Package: conventional-commits-parser 6.4.0 (npm), the parser below semantic-release and conventional-changelog.
# Expected: by its name and its default options it reads what conventionalcommits.org 1.0.0 describes:
#           "feat!: x" is a breaking feature, and a footer ends where the next footer begins.
# Seen:     "feat!: x" has no type at all (null, so that tools take it for no release), and the text of a
#           BREAKING CHANGE footer swallows the Signed-off-by line after it. A preset has to bring its own pattern.
# Effect:   two tools on the same parser compute different versions, by their presets.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund conventional-commits-parser@6.4.0 >/dev/null)
cat > "$work/parse.mjs" <<'JS'
import { CommitParser } from 'conventional-commits-parser'
const parser = new CommitParser()
const marked = parser.parse('feat!: drop the old API')
const plain = parser.parse('feat: drop the old API')
const footer = parser.parse('fix: one\n\nBREAKING CHANGE: the default changes\n\nSigned-off-by: A. Writer <a@example.org>')
console.log(JSON.stringify({ marked: marked.type ?? null, plain: plain.type, note: footer.notes[0].text }))
const same = (marked.type ?? null) === null && plain.type === 'feat' && footer.notes[0].text.includes('Signed-off-by')
if (!same) { console.log('the behaviour has changed'); process.exit(1) }
JS
node "$work/parse.mjs"
echo "as recorded"
