#!/bin/sh
# Packages: boto3 1.44.5 (PyPI), @aws-sdk/client-ecr 3.1169.0 (npm): the waiter image_scan_complete, which is
#           `aws ecr wait image-scan-complete` too.
# Expected: it ends at the statuses at which a scan has ended (ScanStatus in the service model of ECR): ACTIVE is that of
#           each image under continuous enhanced scanning, and its findings are there; UNSUPPORTED_IMAGE,
#           IMAGE_SIZE_EXCEEDED and others will never have findings.
# Seen:     only COMPLETE and FAILED end it. At the other nine both SDKs ask on until their time is up, which is right
#           for IN_PROGRESS and PENDING alone.
# Effect:   a pipeline that waits for the scan with it loses five minutes (boto3) at each image, and then fails, as
#           soon as the registry's scan type is set to enhanced.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check boto3==1.44.5
npm install --silent --no-audit --no-fund @aws-sdk/client-ecr@3.1169.0 >npm.log 2>&1
cat >wait.py <<'PY'
import json
from pathlib import Path

import boto3
from botocore.exceptions import WaiterError
from botocore.stub import Stubber

ecr = boto3.client("ecr", "eu-west-1", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="dummy")
IMAGE = {"repositoryName": "app", "imageId": {"imageTag": "1.0"}}
statuses = ecr.meta.service_model.shape_for("ScanStatus").enum
Path("statuses.json").write_text(json.dumps(statuses))
ended, waited = [], []
for status in statuses:
    with Stubber(ecr) as stub:
        for _ in range(3):
            stub.add_response("describe_image_scan_findings", {"imageScanStatus": {"status": status}})
        try:
            ecr.get_waiter("image_scan_complete").wait(**IMAGE, WaiterConfig={"Delay": 0, "MaxAttempts": 3})
            ended.append(status)
        except WaiterError as error:
            (waited if "Max attempts" in str(error) else ended).append(status)
print("boto3 ends at", *sorted(ended))
print("boto3 asks on at", *sorted(waited))
PY
cat >wait.js <<'JS'
const { ECRClient, waitUntilImageScanComplete } = require("@aws-sdk/client-ecr");
const image = { repositoryName: "app", imageId: { imageTag: "1.0" } };
const ends = async (status) => {
  const client = new ECRClient({ region: "eu-west-1", credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "dummy" } });
  client.send = async () => ({ imageScanStatus: { status } });
  try {
    await waitUntilImageScanComplete({ client, maxWaitTime: 3, minDelay: 1, maxDelay: 1 }, image);
    return true;
  } catch (error) {
    return error.name !== "TimeoutError";
  }
};
(async () => {
  const statuses = require("./statuses.json").sort();
  const found = await Promise.all(statuses.map(ends));
  console.log("JavaScript ends at", ...statuses.filter((_, index) => found[index]));
  console.log("JavaScript asks on at", ...statuses.filter((_, index) => !found[index]));
})();
JS
{ venv/bin/python wait.py; node wait.js 2>node.log; } >seen
cat seen
on="ACTIVE FINDINGS_UNAVAILABLE IMAGE_ARCHIVED IMAGE_SIZE_EXCEEDED IN_PROGRESS LIMIT_EXCEEDED PENDING SCAN_ELIGIBILITY_EXPIRED UNSUPPORTED_IMAGE"
[ "$(cat seen)" = "boto3 ends at COMPLETE FAILED
boto3 asks on at $on
JavaScript ends at COMPLETE FAILED
JavaScript asks on at $on" ] || { echo "the behaviour has changed"; exit 1; }
