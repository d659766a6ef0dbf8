#!/bin/sh
# Package: sarif-tools 3.0.5 (PyPI, Microsoft's command line for SARIF).
# Expected: `sarif --check error` fails for open errors. In SARIF 2.1.0 a result whose baselineState is "absent" is
#           one that an earlier run had and this one has not, and an accepted suppression takes a result out.
# Seen:     a result that passed (kind "pass") is left out; the absent and the suppressed one count as errors, in
#           the summary and in the exit code, which is the number of them.
# Effect:   a step that checks a scanner's SARIF with it goes on failing for findings that are fixed or accepted.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check sarif-tools==3.0.5
"$work/venv/bin/python" - "$work/scan.sarif" <<'PY'
import json, sys
place = [{"physicalLocation": {"artifactLocation": {"uri": "Dockerfile"}, "region": {"startLine": 1}}}]
states = ({"kind": "pass"}, {"level": "error", "baselineState": "absent"},
          {"level": "error", "suppressions": [{"kind": "external", "status": "accepted"}]})
results = [{"ruleId": "CVE-0", "ruleIndex": 0, "message": {"text": "a package"}, "locations": place, **state} for state in states]
rule = {"id": "CVE-0", "defaultConfiguration": {"level": "error"}}
run = {"tool": {"driver": {"name": "scanner", "rules": [rule]}}, "results": results}
json.dump({"version": "2.1.0", "runs": [run]}, open(sys.argv[1], "w"))
PY
code=0
"$work/venv/bin/sarif" --check error summary "$work/scan.sarif" > "$work/summary" || code=$?
cat "$work/summary"; echo "exit code $code"
grep -q '^error: 2' "$work/summary" && [ "$code" = 2 ] || { echo "the behaviour has changed"; exit 1; }
echo "as recorded"
