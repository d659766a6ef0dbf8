#!/bin/sh
# Package: prowler 5.46.0 (PyPI), which checks AWS accounts, and ECR in them.
# Expected: a second run whose report has the same name (`--output-formats json-ocsf --output-filename report`, as a
#           nightly job has it) writes a report: the new one, or both in one list.
# Seen:     it appends, and opens the list only in an empty file: `[{...}]{...}]`, which JSON parsers refuse with "Extra
#           data". The exit code is that of a good run, and nothing is logged.
# Effect:   what reads the report of the second night, such as a gate in CI, has none.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
# prowler, and only what its report in OCSF imports: all that it needs has 2 GB.
venv/bin/pip install --quiet --disable-pip-version-check 'py-ocsf-models==0.10.0' 'pydantic==2.12.5' \
  'email-validator==2.2.0' 'colorama==0.4.6' 'jsonschema==4.23.0' 'requests==2.34.2' 'PyYAML==6.0.4' \
  'simplejson==4.3.0' 'uuid6==2024.7.10' 'packaging==26.4'
venv/bin/pip install --quiet --disable-pip-version-check --no-deps 'prowler==5.46.0'
cat >report.py <<'PY'
import json
from datetime import datetime
from pathlib import Path

import prowler
from prowler.lib.check.models import CheckMetadata
from prowler.lib.outputs.finding import Finding
from prowler.lib.outputs.ocsf.ocsf import OCSF

CHECK = "ecr_repositories_tag_immutability"
folder = Path(prowler.__file__).parent / "providers/aws/services/ecr" / CHECK
finding = Finding(
    auth_method="profile", timestamp=datetime(2026, 11, 30), account_uid="123456789012", account_name="acme",
    metadata=CheckMetadata.parse_file(folder / f"{CHECK}.metadata.json"), uid="one", status="PASS",
    status_extended="Repository app has immutability configured.", resource_uid="arn", resource_name="app",
    resource_details="", region="us-east-1",
)
for night in (1, 2):
    # What prowler's main program does at the end of a run.
    OCSF(findings=[finding], file_path="report.ocsf.json").batch_write_data_to_file()
    try:
        seen = f"{len(json.loads(Path('report.ocsf.json').read_text()))} finding"
    except ValueError as error:
        seen = str(error).partition(":")[0]
    print(f"night {night}: {seen}")
PY
venv/bin/python report.py >seen
cat seen
[ "$(cat seen)" = "night 1: 1 finding
night 2: Extra data" ] || { echo "the behaviour has changed"; exit 1; }
