"""`ecr-push iam trust`: who may assume the role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ecr_push.cli.call import Call
from ecr_push.cli.iam import form_option, print_policy
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.base.iam.allow_statement import AllowStatement
    from ecr_push.base.iam.write import Format

EXAMPLES = (
    (
        "Jobs of a GitHub repository, on its default branch and for tags of releases",
        "ecr-push iam trust github acme/shop --branch main --tag v* --account 123456789012",
    ),
    (
        "Jobs that an environment's reviewers let through, as Terraform",
        "ecr-push iam trust github acme/shop --environment production --output terraform",
    ),
    (
        "Builds of one CodeBuild project",
        "ecr-push iam trust codebuild shop --account 123456789012 --region eu-west-1",
    ),
    ("Jenkins on EC2, by its instance profile", "ecr-push iam trust jenkins-ec2"),
    (
        "Pods of Jenkins' agents in EKS, by Pod Identity",
        "ecr-push iam trust jenkins-eks --cluster ci --namespace jenkins --service-account agent",
    ),
)


@command("iam trust", EXAMPLES, settings=False)
@click.argument("where", type=click.Choice(["github", "codebuild", "jenkins-ec2", "jenkins-eks"]))
@click.argument("name", required=False, default="", metavar="[OWNER/REPOSITORY|PROJECT]")
@click.option("--branch", multiple=True, metavar="NAME", help="github: jobs on this branch; may have *.")
@click.option("--tag", multiple=True, metavar="NAME", help="github: jobs for this tag; may have *.")
@click.option(
    "--environment", multiple=True, metavar="NAME", help="github: jobs in this environment; the strongest."
)
@click.option("--pull-requests", is_flag=True, help="github: jobs for pull requests of the repository.")
@click.option("--github-host", metavar="HOST", help="github: a GitHub Enterprise Server.")
@click.option("--namespace", metavar="NAME", help="jenkins-eks: namespace of the pods.")
@click.option("--service-account", metavar="NAME", help="jenkins-eks: the pods' service account.")
@click.option("--cluster", metavar="NAME", help="jenkins-eks: the cluster, for Pod Identity.")
@click.option(
    "--oidc",
    metavar="ISSUER",
    help="jenkins-eks: the cluster's OIDC issuer, for IAM roles for service accounts.",
)
@click.option("--account", metavar="ACCOUNT", help="AWS account of the role.")
@click.option("--region", metavar="REGION", help="AWS region of the project or the cluster.")
@form_option
def iam_trust(call: Call, where: str, name: str, form: Format, **given: Any) -> int:
    """Print the trust policy of a pipeline's role: who may assume it, and no one else. Asks nothing of AWS.

    `iam policy` prints what the role may do then.
    """
    from ecr_push.base.errors import SettingsError
    from ecr_push.base.iam.write import left_open, write
    from ecr_push.ci.trust_policy import TrustError

    if problem := _misplaced(where, name, given):
        raise SettingsError(problem)
    try:
        statements = (_statement(where, name, given),)
    except TrustError as error:
        raise SettingsError(error.problems) from error
    words = left_open(statements) if form == "json" else ()
    notes = [f"replace {' and '.join(words)}, or give --account and --region"] if words else []
    print_policy(write(statements, form, f"ecr-push-{where}", is_trust=True), notes, call)
    return 0


_OPTIONS = {
    "github": ("branch", "tag", "environment", "pull_requests", "github_host"),
    "codebuild": (),
    "jenkins-ec2": (),
    "jenkins-eks": ("namespace", "service_account", "cluster", "oidc"),
}
_NAMED = {"github": "the repository, as OWNER/NAME", "codebuild": "the project's name"}


def _misplaced(where: str, name: str, given: Mapping[str, Any]) -> list[str]:
    """What is given, and belongs to another place; or is missing."""
    problems = []
    if bool(name) != (where in _NAMED):
        problems.append(f"{where} needs {_NAMED[where]}" if where in _NAMED else f"{where} takes no {name!r}")
    for other, options in _OPTIONS.items():
        for one in options:
            if other != where and given[one]:
                problems.append(f"--{one.replace('_', '-')} belongs to {other}, not to {where}")
    account = given["account"]
    if account and not (len(account) == 12 and account.isdigit()):
        problems.append(f"--account {account!r} is not an AWS account: expected 12 digits")
    return problems


def _statement(where: str, name: str, given: Mapping[str, Any]) -> AllowStatement:
    from ecr_push.base.place import Place
    from ecr_push.ci.trust_policy import EksTrust, GithubTrust, codebuild_trust, ec2_trust

    place = Place(given["region"] or "", given["account"] or "")
    if where == "codebuild":
        return codebuild_trust(name, place)
    if where == "jenkins-ec2":
        return ec2_trust(place)
    if where == "jenkins-eks":
        texts = (given[one] or "" for one in ("namespace", "service_account", "cluster", "oidc"))
        return EksTrust(*texts).statement(place)
    return GithubTrust(
        name,
        given["branch"],
        given["tag"],
        given["environment"],
        pull_requests=given["pull_requests"],
        host=given["github_host"] or "",
    ).statement(place)
