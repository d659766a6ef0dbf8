"""The registry itself: its token, its settings, its scanning."""

from __future__ import annotations

from ecr_push.sandbox.operations.context import Context, Parameters, Result
from ecr_push.sandbox.protocol import invalid_parameter
from ecr_push.sandbox.quirks import NO_MOUNTS
from ecr_push.sandbox.scan_rules import RULES_OF, applied_rule, scanning_configuration

# The account settings, with the values of each, the default first.
# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
_ACCOUNT_SETTINGS = {
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE", "CLAIR"),
    "REGISTRY_POLICY_SCOPE": ("V2", "V1"),
    "BLOB_MOUNTING": ("DISABLED", "ENABLED"),
}


def get_authorization_token(context: Context, parameters: Parameters) -> Result:
    """One token for each named registry; each is valid for every registry that the caller may use."""
    token = context.tokens.issue(
        context.state.account, context.kind, context.faults.scenario.token_life, context.identity
    )
    data: Result = {"authorizationToken": token.authorization, "expiresAt": token.expires_at}
    if context.kind == "public":
        return {"authorizationData": data}
    data["proxyEndpoint"] = f"http://{context.state.hosts['private']}"
    return {"authorizationData": [data for _ in parameters.get("registryIds", [""])]}


def describe_registry(context: Context, _: Parameters) -> Result:
    replication = context.state.settings.extra.get("replication", {"rules": []})
    return {"registryId": context.state.account, "replicationConfiguration": replication}


def get_registry_scanning_configuration(context: Context, _: Parameters) -> Result:
    return {
        "registryId": context.state.account,
        "scanningConfiguration": scanning_configuration(context.state.settings),
    }


def put_registry_scanning_configuration(context: Context, parameters: Parameters) -> Result:
    """Without a scan type the current one stays."""
    current = scanning_configuration(context.state.settings)
    scan_type = parameters.get("scanType", current["scanType"])
    rules = parameters.get("rules", [])
    for rule in rules:
        if rule["scanFrequency"] not in RULES_OF[scan_type]:
            allowed = " or ".join(RULES_OF[scan_type])
            raise invalid_parameter(
                "rules", f"{scan_type} scanning takes {allowed}, not {rule['scanFrequency']}"
            )
    scanning = {"scanType": scan_type, "rules": rules}
    extra = {**context.state.settings.extra, "scanning": scanning}
    context.state.change_settings(extra=extra)
    return {"registryScanningConfiguration": scanning}


def batch_get_repository_scanning_configuration(context: Context, parameters: Parameters) -> Result:
    found = {repository.name: repository for repository in context.state.repositories.all("private")}
    configurations, failures = [], []
    for name in parameters["repositoryNames"]:
        if name not in found:
            failures.append(
                {
                    "repositoryName": name,
                    "failureCode": "REPOSITORY_NOT_FOUND",
                    "failureReason": f"Repository with name '{name}' was not found",
                }
            )
            continue
        rule = applied_rule(context.state.settings, found[name])
        configurations.append(
            {
                "repositoryArn": found[name].arn,
                "repositoryName": name,
                "scanOnPush": found[name].scan_on_push,  # its own, whatever the registry's rules say
                "scanFrequency": rule.frequency,
                "appliedScanFilters": [{"filter": it, "filterType": "WILDCARD"} for it in rule.filters],
            }
        )
    return {"scanningConfigurations": configurations, "failures": failures}


def get_account_setting(context: Context, parameters: Parameters) -> Result:
    name = parameters["name"]
    values = _known_setting(name)
    if name == "BLOB_MOUNTING":
        mounting = context.state.settings.blob_mounting
        if mounting is None:
            mounting = NO_MOUNTS not in context.faults.scenario.quirks
        value = "ENABLED" if mounting else "DISABLED"
    else:
        value = context.state.settings.extra.get("account", {}).get(name, values[0])
    return {"name": name, "value": value}


def put_account_setting(context: Context, parameters: Parameters) -> Result:
    name, value = parameters["name"], parameters["value"]
    values = _known_setting(name)
    if value not in values:
        raise invalid_parameter("value", f"'{name}' takes {' or '.join(values)}, not '{value}'")
    if name == "BLOB_MOUNTING":
        context.state.change_settings(blob_mounting=value == "ENABLED")
    else:
        extra = context.state.settings.extra
        account = {**extra.get("account", {}), name: value}
        context.state.change_settings(extra={**extra, "account": account})
    return {"name": name, "value": value}


def _known_setting(name: str) -> tuple[str, ...]:
    if name not in _ACCOUNT_SETTINGS:
        raise invalid_parameter("name", f"'{name}' is not one of {', '.join(_ACCOUNT_SETTINGS)}")
    return _ACCOUNT_SETTINGS[name]
