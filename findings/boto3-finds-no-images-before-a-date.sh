#!/bin/sh
# Package: boto3 1.44.8 (PyPI), with jmespath 1.1.0, which the AWS CLI uses too.
# Expected: the query that `aws ecr describe-images --query` takes does the same in `paginator.search`, which boto3's
#           guide to paginators gives for it: imageDetails[?imagePushedAt < '2026-01-01'] lists the older images.
# Seen:     it lists none, and neither does >=: the CLI compares text, but boto3 has made datetime of it, and JMESPath's
#           comparison of anything but numbers and text is null, which a filter takes for false. sort_by() of the same
#           value raises.
# Effect:   a clean-up that was tried in the shell deletes nothing in Python, and a check for old images is always green.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check boto3==1.44.8 jmespath==1.1.0
cat >query.py <<'PY'
import json

import boto3
import jmespath
from botocore.awsrequest import AWSResponse


class Raw:
    def __init__(self, text):
        self.text = text

    def stream(self, **_):
        yield self.text.encode()


def pushed(*times):  # ECR's answer, in which a time is a number of seconds
    return {"imageDetails": [{"imageTags": [tag], "imagePushedAt": time} for tag, time in zip(("old", "new"), times)]}


answer = json.dumps(pushed(1740787200, 1793491200))
for query in (
    "imageDetails[?imagePushedAt < '2026-01-01'].imageTags[]",
    "imageDetails[?imagePushedAt >= '2026-01-01'].imageTags[]",
    "sort_by(imageDetails, &imagePushedAt)[-1].imageTags",
):
    ecr = boto3.client("ecr", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    ecr.meta.events.register("before-send", lambda **_: AWSResponse("", 200, {}, Raw(answer)))
    try:
        pages = ecr.get_paginator("describe_images").paginate(repositoryName="app")
        in_boto3 = [found for found in pages.search(query) if found]
    except jmespath.exceptions.JMESPathTypeError as error:
        in_boto3 = type(error).__name__
    cli = jmespath.search(query, pushed("2025-03-01T00:00:00+00:00", "2026-11-01T00:00:00+00:00"))
    print(f"{query}: the CLI's text {cli}, boto3 {in_boto3}")
PY
venv/bin/python query.py >seen
cat seen
[ "$(cat seen)" = "imageDetails[?imagePushedAt < '2026-01-01'].imageTags[]: the CLI's text ['old'], boto3 []
imageDetails[?imagePushedAt >= '2026-01-01'].imageTags[]: the CLI's text ['new'], boto3 []
sort_by(imageDetails, &imagePushedAt)[-1].imageTags: the CLI's text ['new'], boto3 JMESPathTypeError" ] ||
  { echo "the behaviour has changed"; exit 1; }
