#!/bin/sh
# Packages: aws-cdk-lib 2.276.0 (npm), and botocore 1.44.8 (PyPI) for ECR's own pattern of a repository's name.
# Expected: CDK checks `repositoryName` by ECR's rule, which is the pattern of RepositoryName in the service model: a
#           name may have two underscores, or several hyphens, between letters or digits.
# Seen:     CDK refuses team/app__web and team/app--web, and gives as the rule that a name "can only contain lowercase
#           letters, numbers, hyphens, underscores, periods and forward slashes", which both do. It says that a name
#           must start with a letter, and takes 1team/app, rightly.
# Effect:   a repository that exists under such a name cannot be written in CDK by name; the message does not help.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check botocore==1.44.8
npm install --silent --no-audit --no-fund aws-cdk-lib@2.276.0 constructs@10.8.1 >npm.log 2>&1
cat >names.json <<'JSON'
["team/app", "1team/app", "team/app__web", "team/app--web", "team/app..web", "Team/app"]
JSON
cat >model.py <<'PY'
import json
import re

import botocore.session

model = botocore.session.get_session().get_service_model("ecr")
pattern = model.shape_for("RepositoryName").metadata["pattern"]
for name in json.load(open("names.json")):
    print("ECR", name, "yes" if re.fullmatch(pattern, name) else "no")
PY
cat >names.js <<'JS'
const { Stack } = require("aws-cdk-lib");
const { Repository } = require("aws-cdk-lib/aws-ecr");
for (const repositoryName of require("./names.json")) {
  let taken = "yes";
  try {
    new Repository(new Stack(), "R", { repositoryName });
  } catch (error) {
    taken = `no, ${error.message.includes("start with a letter") ? "must start with a letter" : error.message}`;
  }
  console.log("CDK", repositoryName, taken);
}
JS
{ venv/bin/python model.py; node names.js; } >seen
cat seen
[ "$(cat seen)" = "ECR team/app yes
ECR 1team/app yes
ECR team/app__web yes
ECR team/app--web yes
ECR team/app..web no
ECR Team/app no
CDK team/app yes
CDK 1team/app yes
CDK team/app__web no, must start with a letter
CDK team/app--web no, must start with a letter
CDK team/app..web no, must start with a letter
CDK Team/app no, must start with a letter" ] || { echo "the behaviour has changed"; exit 1; }
