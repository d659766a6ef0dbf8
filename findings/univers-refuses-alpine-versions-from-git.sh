#!/bin/sh
# Package: univers 32.0.1 (PyPI), the version comparison of VulnerableCode.
# Expected: AlpineLinuxVersion takes every version that Alpine's own apk takes; "_git" and a date is the suffix of
#           a package that is built from a snapshot, and sorts after the release: Alpine 3.19's musl, the C library
#           of every image on it, is 1.2.4_git20230717-r4.
# Seen:     1.2.3_rc1 and 1.2.3_p1 are taken, 1.2.4_git20230717-r4 raises InvalidVersion.
# Effect:   a program that skips versions that it cannot read has no answer for such a package.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check univers==32.0.1
"$work/venv/bin/python" - <<'PY'
from univers.versions import AlpineLinuxVersion, InvalidVersion
def read(text):
    try:
        return str(AlpineLinuxVersion(text))
    except InvalidVersion:
        return "InvalidVersion"
seen = {text: read(text) for text in ("1.2.3_rc1", "1.2.3_p1", "1.2.4_git20230717-r4", "1.2.3_cvs1", "1.2.3-r0")}
print(seen)
assert seen["1.2.3_rc1"] == "1.2.3_rc1" and seen["1.2.3_p1"] == "1.2.3_p1", "the behaviour has changed"
assert seen["1.2.4_git20230717-r4"] == "InvalidVersion", "the behaviour has changed"
PY
echo "as recorded"
