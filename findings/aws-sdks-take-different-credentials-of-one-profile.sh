#!/bin/sh
# Packages: boto3 1.44.5 (PyPI), @aws-sdk/credential-providers 3.1175.0 (npm).
# Expected: a profile of ~/.aws/config that holds keys and a credential_process means the same to both SDKs: the
#           keys, which boto3 prefers too where they stand in ~/.aws/credentials.
# Seen:     boto3, and so the AWS CLI of PyPI, runs the process; the SDK for JavaScript takes the keys. In
#           ~/.aws/credentials the keys win in both.
# Effect:   a job that pushes with boto3 and deploys with a Node.js tool (CDK) may act as two principals, even in
#           two accounts, by one profile. Neither says so.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check boto3==1.44.5
npm install --silent --no-audit --no-fund @aws-sdk/credential-providers@3.1175.0 >npm.log 2>&1
mkdir -p home/.aws
cat >issue <<'SH'
#!/bin/sh
echo '{"Version": 1, "AccessKeyId": "AKIAPROCESS000000000", "SecretAccessKey": "dummy"}'
SH
chmod +x issue
cat >python.py <<'PY'
import boto3
print(boto3.Session(profile_name="release").get_credentials().access_key)
PY
cat >script.js <<'JS'
const { fromNodeProviderChain } = require("@aws-sdk/credential-providers");
fromNodeProviderChain({ profile: "release" })().then((found) => console.log(found.accessKeyId));
JS
keys='aws_access_key_id = AKIASTATIC0000000000
aws_secret_access_key = dummy'
ask() { env -i PATH="$PATH" HOME="$work/home" "$@"; }
both() { echo "boto3 $(ask venv/bin/python python.py), JavaScript $(ask node script.js)"; }
printf '[profile release]\ncredential_process = %s/issue\n%s\n' "$work" "$keys" >home/.aws/config
in_config=$(both)
printf '[profile release]\ncredential_process = %s/issue\n' "$work" >home/.aws/config
printf '[release]\n%s\n' "$keys" >home/.aws/credentials
in_credentials=$(both)
echo "keys in ~/.aws/config:      $in_config"
echo "keys in ~/.aws/credentials: $in_credentials"
[ "$in_config" = "boto3 AKIAPROCESS000000000, JavaScript AKIASTATIC0000000000" ] &&
  [ "$in_credentials" = "boto3 AKIASTATIC0000000000, JavaScript AKIASTATIC0000000000" ] ||
  { echo "the behaviour has changed"; exit 1; }
