"""What a repository gets that ECR itself creates: the settings of a template.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Literal

from ecr_push.sandbox.model import EcrError, Mutability, RegistrySettings
from ecr_push.sandbox.repository_store import Repositories

TEMPLATES = "repositoryCreationTemplates"  # in RegistrySettings.extra, by prefix
ROOT = "ROOT"  # of all names without another template
Scenario = Literal["REPLICATION", "CREATE_ON_PUSH"]


def create_on_push(repositories: Repositories, settings: RegistrySettings, name: str) -> None:
    """Creates a repository that a push is for, where a template says so; else it stays missing."""
    given = settings_by_template(settings, name, "CREATE_ON_PUSH")
    if given is not None:
        with contextlib.suppress(EcrError):  # it is there
            repositories.create("private", name, **given)


def settings_by_template(
    settings: RegistrySettings, repository: str, scenario: Scenario
) -> dict[str, Any] | None:
    """Fields of StoredRepository by the template of the longest prefix; None where none applies."""
    templates: Mapping[str, Mapping[str, Any]] = settings.extra.get(TEMPLATES, {})
    fitting = {
        0 if prefix == ROOT else len(prefix): one
        for prefix, one in templates.items()
        if scenario in one["appliedFor"]
        and (prefix == ROOT or repository.startswith(f"{prefix.rstrip('/')}/"))
    }
    if not fitting:
        return None
    template = fitting[max(fitting)]
    filters = template.get("imageTagMutabilityExclusionFilters") or []
    encryption = template.get("encryptionConfiguration") or {}
    return {
        "mutability": Mutability(
            template.get("imageTagMutability", "MUTABLE"), tuple(one["filter"] for one in filters)
        ),
        "encryption_type": encryption.get("encryptionType", "AES256"),
        "kms_key": encryption.get("kmsKey", ""),
        "resource_tags": {one["Key"]: one["Value"] for one in template.get("resourceTags", [])},
        "policy_text": template.get("repositoryPolicy", ""),
        "lifecycle_text": template.get("lifecyclePolicy", ""),
    }
