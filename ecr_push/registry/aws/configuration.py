"""The user's AWS configuration, where it cannot work: what is wrong with it, and what to do."""

from __future__ import annotations

from ecr_push.base.errors import AuthenticationError, EcrPushError, RegistryError, SettingsError

# What the user can look at when the SDK cannot use the AWS configuration.
_CONFIGURATION = "~/.aws/config, ~/.aws/credentials and the environment variables AWS_*"


class AwsSettingsError(SettingsError):
    """The user's AWS configuration lacks something, or cannot be right."""

    def __init__(self, what: str, *, why: str = "", remedy: str) -> None:
        super().__init__([what], remedy=remedy)
        self.what, self.why = what, why


def incomplete(error: Exception, why: str, doing: str) -> EcrPushError:
    """Say what botocore's PartialCredentialsError means: half a key, or a role without a source."""
    if "source_profile" in why:
        return AwsSettingsError(
            "the AWS profile is not valid",
            why=why,
            remedy="a profile with role_arn needs source_profile or credential_source, whose credentials "
            "assume the role",
        )
    return AuthenticationError(
        f"the AWS credentials are incomplete{doing}",
        why=why,
        remedy="set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither; in a profile both "
        "aws_access_key_id and aws_secret_access_key",
    )


def configuration_error(
    error: Exception, why: str, doing: str, *, in_credentials: bool, asked: bool
) -> EcrPushError:
    """Say what is wrong with the AWS configuration.

    doing:          ` for ecr:PutImage`, or empty.
    in_credentials: it came up while the SDK loaded credentials.
    asked:          an operation was asked for; otherwise a session or a client was being made, and nothing
                    but the configuration decides on that.
    """
    from botocore import exceptions as sdk

    if isinstance(error, sdk.ProfileNotFound):
        return AwsSettingsError(
            f"there is no AWS profile {error.kwargs['profile']!r}",
            remedy="`aws configure list-profiles` lists the profiles; --profile or AWS_PROFILE names one",
        )
    if isinstance(error, (sdk.InvalidConfigError, sdk.UnknownCredentialError)):
        return AwsSettingsError(
            "the AWS profile is not valid",
            why=why,
            remedy="fix the profile in ~/.aws/config: what its source_profile or credential_source "
            "names must exist, and a web identity token needs a role, in role_arn or AWS_ROLE_ARN",
        )
    if isinstance(error, sdk.InvalidRegionError):
        return AwsSettingsError(
            f"{error.kwargs['region_name']!r} is not a valid AWS region",
            remedy="fix --region, AWS_REGION or the region of the profile: eu-west-1 is one",
        )
    if isinstance(error, sdk.ParamValidationError) and in_credentials:
        return AwsSettingsError(
            "AWS does not take the role, or the token, that the AWS configuration names",
            why=why,
            remedy="fix role_arn, role_session_name or duration_seconds in the profile, AWS_ROLE_ARN, or the "
            "content of the web identity token file",
        )
    if isinstance(error, sdk.ParamValidationError):
        return RegistryError(
            f"AWS does not take the parameters{doing.replace(' for ', ' of ')}",
            why=why,
            remedy="check the names in the settings, such as --repository",
        )
    if isinstance(error, sdk.ConfigParseError):
        return AwsSettingsError(
            f"the AWS configuration file {error.kwargs['path']} cannot be parsed",
            why=why,
            remedy="fix the file, or name another one: AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE",
        )
    if isinstance(error, sdk.MissingDependencyException):
        return AwsSettingsError(
            "the AWS SDK that ecr-push runs with lacks what this AWS profile needs",
            why=why,
            remedy="use another profile, or export its credentials first: `aws configure export-credentials "
            "--format env`",
        )
    if not asked:
        return AwsSettingsError(
            "the AWS configuration is not valid", why=why, remedy=f"check {_CONFIGURATION}"
        )
    return RegistryError(
        f"the AWS SDK failed{doing}", why=why, remedy=f"check the AWS configuration: {_CONFIGURATION}"
    )
