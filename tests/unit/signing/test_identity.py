from __future__ import annotations

import base64
import json

import pytest

from ecr_push.signing.identity import Identity, identity_of

GITHUB = "https://token.actions.githubusercontent.com"
WORKFLOW = "acme/app/.github/workflows/release.yml@refs/heads/main"


def token(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"iss": GITHUB, "job_workflow_ref": WORKFLOW}, f"https://github.com/{WORKFLOW}"),
        ({"iss": f"{GITHUB}/acme", "job_workflow_ref": WORKFLOW}, f"https://github.com/{WORKFLOW}"),
        ({"iss": f"{GITHUB}.example", "job_workflow_ref": WORKFLOW}, ""),
        ({"iss": GITHUB}, ""),
        (
            {
                "iss": "https://gitlab.com",
                "ci_config_ref_uri": "gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main",
            },
            "https://gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main",
        ),
        (
            {"iss": "https://agent.buildkite.com", "organization_slug": "acme", "pipeline_slug": "app"},
            "https://buildkite.com/acme/app",
        ),
        ({"iss": "https://agent.buildkite.com", "organization_slug": "acme", "pipeline_slug": 1}, ""),
        ({"iss": "https://jenkins.example", "sub": "x"}, ""),
    ],
)
def test_whom_a_certificate_names(claims: dict[str, object], name: str) -> None:
    assert identity_of(token(claims)) == Identity(name, str(claims["iss"]))


@pytest.mark.parametrize(
    "text", ["", "a", "a.b.c", "a.!.c", token([]), token({}), token({"iss": 1}), "é.é.é"]
)
def test_what_is_not_a_token(text: str) -> None:
    with pytest.raises(ValueError, match="token"):
        identity_of(text)
