"""What other tools call things -> what ecr-push calls them. One table, for flags, variables and ecr-push.yml.

The names are those of docker and its actions, kaniko, crane, skopeo, trivy, grype, ecr-scan-image, the AWS
CLI and CircleCI's aws-ecr orb, without dashes in front, `_` as `-`.
Light: it is imported after a mistake alone.
"""

from __future__ import annotations

from collections.abc import Mapping

# A name elsewhere, and the key of the option that does it here.
SAME_AS: Mapping[str, str] = {
    # docker buildx build, https://docs.docker.com/reference/cli/docker/buildx/build/
    "file": "dockerfile",
    "metadata-file": "result",
    # docker/build-push-action, https://github.com/docker/build-push-action#inputs: our action takes them,
    # and nothing else does.
    "add-hosts": "add-host",
    "annotations": "annotation",
    "attests": "attest",
    "build-args": "build-arg",
    "build-contexts": "build-context",
    "labels": "label",
    "no-cache-filters": "no-cache-filter",
    "outputs": "export",
    "platforms": "platform",
    "secrets": "secret",
    "secret-envs": "secret",
    "secret-files": "secret",
    # docker/metadata-action, https://github.com/docker/metadata-action#inputs
    "images": "repository",
    # aws-actions/amazon-ecr-login and configure-aws-credentials
    "registries": "registry-id",
    "aws-region": "region",
    # kaniko, https://github.com/osscontainertools/kaniko#additional-flags
    "cache-repo": "cache-repository",
    "custom-platform": "platform",
    "customplatform": "platform",
    "oci-layout-path": "export",
    "tar-path": "export",
    "tarpath": "export",
    # trivy image, https://trivy.dev/latest/docs/references/configuration/cli/trivy_image/
    "severity": "fail-on",
    "timeout": "scan-timeout",
    # grype, snyk, docker scout, ecr-scan-image
    "fail-threshold": "fail-on",
    "only-severity": "fail-on",
    "severity-threshold": "fail-on",
    "threshold": "max-findings",
    # aws ecr, https://docs.aws.amazon.com/cli/latest/reference/ecr/
    "account": "registry-id",
    "account-id": "registry-id",
    "aws-account-id": "registry-id",
    "aws-profile": "profile",
    "kms-key-id": "kms-key",
    "repository-name": "repository",
    "repository-uri": "repository",
    "role-arn": "role",
    # CircleCI's aws-ecr orb, https://circleci.com/developer/orbs/orb/circleci/aws-ecr
    "build-path": "context",
    "create-repo": "create-repository",
    "extra-build-args": "build-arg",
    "profile-name": "profile",
    "push-image": "push",
    "repo": "repository",
    "repo-encryption-kms-key": "kms-key",
    # what people try
    "arch": "platform",
    "dir": "context",
    "ecr-repository": "repository",
    "image-name": "repository",
    "name": "repository",
    "paths": "path",
    "reports": "report",
    "semver": "version-scheme",
}

_EXCEPTIONS = "a policy has exceptions, with a reason and an end date: --policy FILE"
_FIXABLE = "it is the key fixable-only of a policy: --policy FILE"
_PATHS = "it is the key paths of a policy: --policy FILE"
_KINDS = "it is the key package-managers of a policy: --policy FILE"
_LOGIN = "the login is the run's own: ~/.docker is not changed, and nothing is left of it"
_SCAN = "ECR scans the image; which repositories are scanned is a setting of the registry"
_BUILDER = "it is a matter of the builder: --builder names one that is configured so"
_TLS = "registries are reached by TLS that is checked; the sandbox and others on this machine by plain HTTP"
_DIGEST = "standard output carries the image's URI@DIGEST, and --report run.env writes it as variables"
_EXIT = "a refused image ends with exit code 10; --observe releases it all the same"
_LOG = "--progress plain logs every line of the build"
_PUBLIC = "-r public.ecr.aws/ALIAS/NAME is a repository of ECR Public"

# A name elsewhere that no option has here, and what does it.
HINTS: Mapping[str, str] = {
    # docker
    "build": "the directory is an argument, as in ecr-push run services/web -r team/web",
    "check": "it is --call check",
    "compress": "it is --compression gzip or zstd",
    "debug": _LOG,
    "disable-content-trust": "--sign signs an accepted image",
    "force-rm": "builds leave no containers",
    "iidfile": _DIGEST,
    "password": _LOGIN,
    "password-stdin": _LOGIN,
    "quiet": "it is --progress quiet",
    "rm": "builds leave no containers",
    "squash": "BuildKit has no squash: use several stages, and --target",
    "username": _LOGIN,
    # docker/metadata-action, amazon-ecr-login
    "bake-target": "it has no Bake files: give --target, --build-arg and --platform",
    "github-token": "a context in git takes it as --secret id=GIT_AUTH_TOKEN,env=NAME",
    "logout": _LOGIN,
    "mask-password": _LOGIN,
    "registry-type": _PUBLIC,
    "skip-logout": _LOGIN,
    # kaniko
    "build-context-dir": "the directory is an argument, as in ecr-push run services/web -r team/web",
    "cache-dir": "it is --cache-from type=local,src=DIR and --cache-to type=local,dest=DIR",
    "cache-ttl": "an old cache is what a lifecycle policy of its repository deletes",
    "cleanup": "a run leaves nothing but the builder's cache",
    "context": "the directory is an argument, as in ecr-push run services/web -r team/web",
    "context-sub-path": "the directory is an argument, as in ecr-push run services/web -r team/web",
    "destination": "-r names the repository, and -t a tag besides the computed ones",
    "digest-file": _DIGEST,
    "git": "the directory is an argument, and may be the address of a repository in git",
    "image-name-tag-with-digest-file": _DIGEST,
    "image-name-with-digest-file": _DIGEST,
    "insecure": _TLS,
    "insecure-registry": _TLS,
    "push-retry": "calls are repeated by themselves where that can help",
    "registry-mirror": _BUILDER,
    "reproducible": "SOURCE_DATE_EPOCH in the environment sets the times in the image",
    "single-snapshot": _BUILDER,
    "skip-tls-verify": _TLS,
    "snapshot-mode": _BUILDER,
    "use-new-run": _BUILDER,
    "verbosity": _LOG,
    # crane, skopeo
    "dest-creds": "credentials of other registries are those of docker login",
    "no-clobber": "a version's tag never moves; ecr-push copy has --move never for all of them",
    "src-creds": "credentials of other registries are those of docker login",
    # trivy, grype, docker scout, ecr-scan-image
    "error-missed-ignores": "an exception that matches nothing is reported by itself",
    "exit-code": _EXIT,
    "format": "it is --report, whose file's ending says which: report.html, result.sarif, junit.xml",
    "ignore": _EXCEPTIONS,
    "ignore-base": "it is --base-image, with the key layers of a policy",
    "ignore-list": _EXCEPTIONS,
    "ignore-policy": "a policy is a file of keys: --policy FILE",
    "ignore-status": _FIXABLE,
    "ignore-unfixed": _FIXABLE,
    "ignorefile": _EXCEPTIONS,
    "input": "ecr-push gate judges a scan result that is saved in a file",
    "only-fixed": _FIXABLE,
    "pkg-types": _KINDS,
    "scanners": _SCAN,
    "skip-dirs": _PATHS,
    "skip-files": _PATHS,
    "vuln-type": _KINDS,
    # aws ecr
    "endpoint-url": "the SDK reads it from AWS_ENDPOINT_URL",
    "image-ids": "the image is an argument, as in ecr-push scan team/shop:1.4.2",
    "image-scanning-configuration": _SCAN,
    "image-tag": "the image is an argument, as in ecr-push scan team/shop:1.4.2; a run takes -t TAG",
    "image-tag-mutability": "--create-repository sets it, and --floating-tags says which tags may move",
    "query": "it is --output json, and a program such as jq",
    # CircleCI's aws-ecr orb
    "lifecycle-policy-path": "ecr-push repository apply sets it, from a file of repositories",
    "public-registry": _PUBLIC,
    "public-registry-alias": _PUBLIC,
    "repo-policy-path": "ecr-push repository apply sets it, from a file of repositories",
    "repo-scan-on-push": _SCAN,
    "skip-when-tags-exist": "an image that is there under the commit's tag is taken as it is, by itself",
    # what people try
    "config": "ecr-push.yml in DIR is read by itself",
    "env-file": "settings are variables ECR_PUSH_…, and keys of ecr-push.yml",
    "force": "a version's tag never moves; ecr-push rollback moves the others back",
    "json": "it is --output json",
    **{one: f"it is --report {one}=FILE" for one in ("html", "junit", "markdown", "sarif")},
    "log-level": _LOG,
    "no-scan": "nothing is released unscanned; --no-push only builds, --observe releases what is refused",
    "skip-scan": "nothing is released unscanned; --no-push only builds, --observe releases what is refused",
    "verbose": _LOG,
    "wait": "a run waits for the scan by itself: --scan-timeout says how long",
    "yes": "a run asks nothing",
}

# Short options, and the key of the option that does it here.
SHORT: Mapping[str, str] = {"-o": "export", "-p": "platform", "-s": "fail-on"}
SHORT_HINTS: Mapping[str, str] = {
    "-D": _LOG,
    "-d": HINTS["destination"],
    "-q": HINTS["quiet"],
    "-v": f"{_LOG}; the version is ecr-push version",
}


def normal(name: str) -> str:
    """A flag, a key, an input or a parameter of an orb, as the tables have it."""
    return name.lstrip("-").lower().replace("_", "-")


def meant_by(name: str, known: Mapping[str, str]) -> str:
    """`it is --dockerfile here`, or a sentence, for a name of another tool; "" for any other.

    known: how an option is written there, by the keys of those that can be given.
    """
    from ecr_push.policy.keys import BY_NAME

    word = normal(name)
    if shown := known.get(SAME_AS.get(word, "")):
        return f"it is {shown} here"
    if word in known and word != name.lstrip("-"):
        return f"it is {known[word]} here"
    return HINTS.get(word) or (f"it is the key {word} of a policy: --policy FILE" if word in BY_NAME else "")
