"""Who may assume the role of a pipeline, by where it runs: trust policies. Pure.

https://docs.github.com/actions/reference/security/oidc
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.allow_statement import AllowStatement
from ecr_push.base.iam.arn import arn_of, global_arn_of
from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex

AUDIENCE = "sts.amazonaws.com"
_GITHUB = "token.actions.githubusercontent.com"
_BY_TOKEN = "sts:AssumeRoleWithWebIdentity"  # noqa: S105  (an action)
_REPOSITORY = lazy_regex(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[A-Za-z0-9._-]+")
_NAME = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{1,149}")
_KUBERNETES_NAME = lazy_regex(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_OIDC = lazy_regex(r"oidc\.eks\.[a-z0-9-]+\.(amazonaws\.com|api\.aws|amazonaws\.com\.cn)/id/[A-Z0-9]{32}")
_CLUSTER = lazy_regex(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}")


class TrustError(ValueError):
    """A trust that cannot be given. problems: everything that is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class GithubTrust:
    """Which jobs of a GitHub repository. branches and tags may have `*`; each list adds jobs.

    host: of a GitHub Enterprise Server; "" for github.com.
    """

    repository: str
    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    pull_requests: bool = False
    host: str = ""

    def statement(self, place: Place) -> AllowStatement:
        """Raises TrustError."""
        if problems := list(self._problems()):
            raise TrustError(problems)
        issuer = f"{self.host}/_services/token" if self.host else _GITHUB
        return _of_token(f"{issuer}", place, "GithubActions", tuple(self._subjects()))

    def _problems(self) -> Iterator[str]:
        if "*" in self.repository:
            yield (
                f"{self.repository!r} would let other people's repositories assume the role: name one "
                "repository, as OWNER/NAME"
            )
        elif not _REPOSITORY.fullmatch(self.repository):
            yield f"{self.repository!r} is not a repository of GitHub: expected OWNER/NAME"
        if not (self.branches or self.tags or self.environments or self.pull_requests):
            yield (
                "nothing says which jobs: give --branch, --tag, --environment or --pull-requests; an "
                "environment with reviewers is the strongest"
            )
        for what, names in (("--branch", self.branches), ("--tag", self.tags)):
            for one in names:
                if not one or one.startswith("refs/") or any(it in one for it in " ~^:?[\\"):
                    yield f"{what} {one!r}: expected a name such as main, perhaps with *, without refs/"
        for one in self.environments:
            if not one or "*" in one:
                yield f"--environment {one!r}: expected the name of one environment"

    def _subjects(self) -> Iterator[str]:
        start = f"repo:{self.repository}:"
        yield from (f"{start}ref:refs/heads/{one}" for one in self.branches)
        yield from (f"{start}ref:refs/tags/{one}" for one in self.tags)
        # GitHub writes a colon in the name of an environment so.
        yield from (f"{start}environment:{one.replace(':', '%3A')}" for one in self.environments)
        if self.pull_requests:
            yield f"{start}pull_request"


def codebuild_trust(project: str, place: Place) -> AllowStatement:
    """CodeBuild, for builds of one project of the account. Raises TrustError."""
    if not _NAME.fullmatch(project):
        raise TrustError([f"--project {project!r}: expected the name of one CodeBuild project"])
    source = arn_of(place, "codebuild", f"project/{project}")
    return _of_service("codebuild.amazonaws.com", "CodeBuild", {"ArnEquals": {"aws:SourceArn": source}})


def ec2_trust(place: Place) -> AllowStatement:
    """Instances of EC2 that have the role in their instance profile."""
    suffix = ".cn" if place.partition == "aws-cn" else ""
    return _of_service(f"ec2.amazonaws.com{suffix}", "JenkinsOnEc2", {})


@dataclass(frozen=True)
class EksTrust:
    """Pods of one service account in EKS. oidc: the cluster's issuer without https://, for IAM roles for
    service accounts; "" for EKS Pod Identity, for which cluster is the cluster's name."""

    namespace: str
    service_account: str
    cluster: str = ""
    oidc: str = ""

    def statement(self, place: Place) -> AllowStatement:
        """Raises TrustError."""
        issuer = self.oidc.removeprefix("https://").rstrip("/")
        if problems := list(self._problems(issuer)):
            raise TrustError(problems)
        if issuer:
            subject = f"system:serviceaccount:{self.namespace}:{self.service_account}"
            return _of_token(issuer, place, "JenkinsOnEks", (subject,))
        tags = {
            "aws:RequestTag/kubernetes-namespace": self.namespace,
            "aws:RequestTag/kubernetes-service-account": self.service_account,
        }
        source = {"aws:SourceArn": arn_of(place, "eks", f"cluster/{self.cluster}")}
        statement = _of_service(
            "pods.eks.amazonaws.com", "JenkinsOnEks", {"StringEquals": tags, "ArnEquals": source}
        )
        return AllowStatement(
            statement.sid,
            ("sts:AssumeRole", "sts:TagSession"),
            principal=statement.principal,
            conditions=statement.conditions,
        )

    def _problems(self, issuer: str) -> Iterator[str]:
        for what, name in (("--namespace", self.namespace), ("--service-account", self.service_account)):
            if not _KUBERNETES_NAME.fullmatch(name):
                yield f"{what} {name!r}: expected one name in Kubernetes; * would be every pod's"
        if bool(issuer) == bool(self.cluster):
            yield (
                "give either --cluster NAME, for EKS Pod Identity, or --oidc ISSUER, for IAM roles for "
                "service accounts: `aws eks describe-cluster --query cluster.identity.oidc.issuer`"
            )
        elif issuer and not _OIDC.fullmatch(issuer):
            yield f"--oidc {self.oidc!r}: expected an issuer such as oidc.eks.eu-west-1.amazonaws.com/id/…"
        elif self.cluster and not _CLUSTER.fullmatch(self.cluster):
            yield f"--cluster {self.cluster!r}: expected the name of one cluster"


def _of_token(issuer: str, place: Place, sid: str, subjects: Sequence[str]) -> AllowStatement:
    values: Any = subjects[0] if len(subjects) == 1 else list(subjects)
    compare = "StringLike" if any("*" in one for one in subjects) else "StringEquals"
    conditions: dict[str, dict[str, Any]] = {"StringEquals": {f"{issuer}:aud": AUDIENCE}}
    conditions.setdefault(compare, {})[f"{issuer}:sub"] = values
    provider = global_arn_of(place, "iam", f"oidc-provider/{issuer}")
    return AllowStatement(sid, (_BY_TOKEN,), principal={"Federated": provider}, conditions=conditions)


def _of_service(service: str, sid: str, conditions: Mapping[str, Mapping[str, Any]]) -> AllowStatement:
    return AllowStatement(sid, ("sts:AssumeRole",), principal={"Service": service}, conditions=conditions)
