"""Who may do what with a repository, or with the registry: the nouns."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.document import Condition
from ecr_push.base.regex import lazy_regex

# What a docker client calls to pull and to push:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html, repository-policy-examples.html.
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-examples.html
REPLICATE = ("ecr:CreateRepository", "ecr:ReplicateImage")
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
PULL_THROUGH = ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository")
# https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-permissions
_LAMBDA = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")

LAMBDA = "lambda.amazonaws.com"
CODEBUILD = "codebuild.amazonaws.com"
# Keys of a file, in the order in which their statements are written.
REPOSITORY_VERBS = ("pull", "push")
REGISTRY_VERBS = ("pull", "push", "replicate-from", "pull-through")
_ACTIONS = {"pull": PULL, "push": PUSH, "replicate-from": REPLICATE, "pull-through": PULL_THROUGH}
EVERY_REPOSITORY = "*"
# Of the names of repositories, in the registry's policy.
PATTERN = lazy_regex(r"[a-z0-9._/*-]{1,256}")


@dataclass(frozen=True)
class Who:
    """Whom a statement is for.

    words: as a file spells it: `111122223333`, `org:o-a1b2c3d4e5`, an ARN, `lambda:111122223333`, `everyone`.
    kind, name: of the principal in JSON: AWS and an ARN, Service and a host, or `*` twice for everyone.
    conditions: all of them have to hold; one value each.
    """

    words: str
    kind: str
    name: str
    conditions: tuple[Condition, ...] = ()

    @property
    def is_everyone(self) -> bool:
        """Whether it is every AWS account, and not those of an organisation."""
        return self.kind == "*" and not self.conditions


@dataclass(frozen=True)
class Grant:
    """One principal and what it may do.

    verb: a key of a file. pattern: of the names of repositories, with `*`; of the registry's policy alone,
    since that of a repository is for itself.
    """

    verb: str
    who: Who
    pattern: str = EVERY_REPOSITORY

    @property
    def actions(self) -> tuple[str, ...]:
        """In alphabetical order."""
        return _LAMBDA if (self.verb, self.who.name) == ("pull", LAMBDA) else _ACTIONS[self.verb]

    @property
    def words(self) -> str:
        """`111122223333`, or `111122223333 on team/*`."""
        return self.who.words if self.pattern == EVERY_REPOSITORY else f"{self.who.words} on {self.pattern}"
