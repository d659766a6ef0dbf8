#!/bin/sh
# Package: in-toto-attestation 0.9.3 (PyPI), the library of the in-toto project for the predicates that it lists,
#           with protobuf 7.36.2, which its guide uses to read and write JSON.
# Expected: the class for https://slsa.dev/verification_summary/v1 takes what that page describes
#           (slsa.dev/spec/v1.0/verification_summary): `verifiedLevels` is an array of strings, `dependencyLevels`
#           an object of integers; and any predicate comes back as it was: a count of 3 is 3.
# Seen:     an array of levels is an error; one level as plain text is accepted. The integers of `dependencyLevels` come
#           back as text ("5"), and each whole number in the predicate of a Statement as a floating-point number (3.0).
# Effect:   a summary that follows the specification cannot be read, and one that is written with the library does not
#           follow it. A statement that passes through has other JSON for each whole number, and so another digest.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check in-toto-attestation==0.9.3 protobuf==7.36.2
cat >summary.py <<'PY'
import json

from google.protobuf.json_format import MessageToDict, Parse, ParseError
from in_toto_attestation.predicates.vsa.v1.vsa_pb2 import VerificationSummary
from in_toto_attestation.v1.statement_pb2 import Statement

SUMMARY = {
    "verifier": {"id": "https://example.org/verifier"}, "timeVerified": "2026-11-01T08:00:00Z",
    "resourceUri": "pkg:oci/app", "policy": {"uri": "https://example.org/policy"}, "verificationResult": "PASSED",
    "verifiedLevels": ["SLSA_BUILD_LEVEL_3"], "dependencyLevels": {"SLSA_BUILD_LEVEL_3": 5}, "slsaVersion": "1.0",
}  # fmt: skip


def through(message, document):
    try:
        back = MessageToDict(Parse(json.dumps(document), message))
    except ParseError as error:
        return str(error)
    changed = {key: back.get(key) for key in document if json.dumps(back.get(key)) != json.dumps(document[key])}
    return json.dumps(changed)


print("an array:", through(VerificationSummary(), SUMMARY))
print("a string:", through(VerificationSummary(), {**SUMMARY, "verifiedLevels": "SLSA_BUILD_LEVEL_3"}))
statement = {
    "_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "app", "digest": {"sha256": "a" * 64}}],
    "predicateType": "https://example.org/counts/v1", "predicate": {"critical": 3},
}  # fmt: skip
print("a count:", through(Statement(), statement))
PY
venv/bin/python summary.py >seen
cat seen
[ "$(cat seen)" = "an array: Failed to parse verifiedLevels field: expected string or bytes-like object, got 'list'.
a string: {\"dependencyLevels\": {\"SLSA_BUILD_LEVEL_3\": \"5\"}}
a count: {\"predicate\": {\"critical\": 3.0}}" ] || { echo "the behaviour has changed"; exit 1; }
