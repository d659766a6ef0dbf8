#!/bin/sh
# Packages: spdx-correct 3.2.0 and spdx-expression-parse 5.0.0 (npm), below normalize-package-data and other tools.
# Expected: "correct invalid SPDX expressions" finds the licence that was meant, or null. Of text that it cannot read
#           ("Proprietary", "EPL") it answers null.
# Seen:     UNLICENSED, which npm's package.json has for "no licence is granted", becomes Unlicense, which gives
#           the work to the public domain. LGPL-3 becomes LGPL-3.0-or-later, "GPL 2 with classpath exception" becomes
#           GPL-3.0-or-later, "BSD License (4 clause)" BSD-2-Clause, EUPL UPL-1.0, and "not MIT" MIT.
# Effect:   an SBOM or a label org.opencontainers.image.licenses that is made with it says that private code is free, or
#           names terms that the author has not granted; as it is a valid expression, a check of licences passes.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund spdx-correct@3.2.0 spdx-expression-parse@5.0.0 >npm.log 2>&1
cat >licences.mjs <<'JS'
import correct from "spdx-correct";
import parse from "spdx-expression-parse";
for (const text of ["Apache 2", "Proprietary", "EPL", "UNLICENSED", "LGPL-3", "GPL 2 with classpath exception",
  "BSD License (4 clause)", "EUPL", "not MIT"]) {
  const found = correct(text);
  console.log(`${text}: ${found}${found && parse(found).license ? " (valid)" : ""}`);
}
JS
node licences.mjs 2>/dev/null >seen
cat seen
[ "$(cat seen)" = "Apache 2: Apache-2.0 (valid)
Proprietary: null
EPL: null
UNLICENSED: Unlicense (valid)
LGPL-3: LGPL-3.0-or-later (valid)
GPL 2 with classpath exception: GPL-3.0-or-later (valid)
BSD License (4 clause): BSD-2-Clause (valid)
EUPL: UPL-1.0 (valid)
not MIT: MIT (valid)" ] || { echo "the behaviour has changed"; exit 1; }
