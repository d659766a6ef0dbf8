#!/bin/sh
# Package: checkov 3.3.30 (PyPI).
# Expected: the check CKV_AWS_136, "Ensure that ECR repositories are encrypted using KMS", passes for both kinds of
#           encryption with KMS that ECR has (EncryptionType in the service model): KMS, and KMS_DSSE, which
#           encrypts twice.
# Seen:     KMS_DSSE fails, as AES256 does, in Terraform and in CloudFormation.
# Effect:   a user who follows the report replaces the stronger encryption by the weaker; and as ECR never changes the
#           encryption of a repository, by deleting it with its images.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile checkov==3.3.30
mkdir files
for kind in AES256 KMS KMS_DSSE; do
  cat >>files/main.tf <<TF
resource "aws_ecr_repository" "$kind" {
  name = "app"
  encryption_configuration { encryption_type = "$kind" }
}
TF
done
cat >files/template.yaml <<'YAML'
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  DSSE:
    Type: AWS::ECR::Repository
    Properties: {EncryptionConfiguration: {EncryptionType: KMS_DSSE}}
YAML
env -i PATH="$PATH" HOME="$work" venv/bin/checkov --directory files --check CKV_AWS_136 --compact \
  --skip-download --output json >report.json 2>checkov.log || true
cat >read.py <<'PY'
import json

for report in json.load(open("report.json")):
    for result in ("passed", "failed"):
        for check in report["results"][f"{result}_checks"]:
            print(result, check["check_id"], check["resource"])
PY
venv/bin/python read.py | sort >seen
cat seen
[ "$(cat seen)" = "failed CKV_AWS_136 AWS::ECR::Repository.DSSE
failed CKV_AWS_136 aws_ecr_repository.AES256
failed CKV_AWS_136 aws_ecr_repository.KMS_DSSE
passed CKV_AWS_136 aws_ecr_repository.KMS" ] || { echo "the behaviour has changed"; exit 1; }
