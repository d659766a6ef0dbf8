"""An OIDC token of a CI -> whom a certificate for it names. Pure.

As Sigstore's certificate authority makes the names of the CIs that it knows:
https://github.com/sigstore/fulcio/blob/main/config/identity/config.yaml, subject-alternative-name-template.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.parse import read_json

_GITHUB = "https://token.actions.githubusercontent.com"
_BUILDKITE = "https://agent.buildkite.com"


@dataclass(frozen=True)
class Identity:
    """name is "" for a CI whose names we do not know."""

    name: str
    issuer: str


def identity_of(token: str) -> Identity:
    """Whom a certificate for this token names. Raises ValueError for what is not a token."""
    found = _claims(token)
    issuer = _text(found, "iss")
    if not issuer:
        raise ValueError("the token does not say who issued it")
    return Identity(_name(issuer, found), issuer)


def _name(issuer: str, found: Mapping[str, Any]) -> str:
    # A workflow that others call is named itself. An enterprise may have an issuer below GitHub's.
    if issuer == _GITHUB or issuer.startswith(f"{_GITHUB}/"):
        workflow = _text(found, "job_workflow_ref")
        return f"https://github.com/{workflow}" if workflow else ""
    if issuer == _BUILDKITE:
        organisation, pipeline = _text(found, "organization_slug"), _text(found, "pipeline_slug")
        return f"https://buildkite.com/{organisation}/{pipeline}" if organisation and pipeline else ""
    # GitLab, wherever it is: gitlab.com/group/project//.gitlab-ci.yml@refs/heads/main
    configuration = _text(found, "ci_config_ref_uri")
    return f"https://{configuration}" if configuration else ""


def _claims(token: str) -> Mapping[str, Any]:
    try:
        payload = token.split(".")[1]
        found = read_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, IndexError) as error:
        raise ValueError("it is not an OIDC token") from error
    if not isinstance(found, dict):
        raise ValueError("it is not an OIDC token")
    return found


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
