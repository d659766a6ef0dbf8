"""The steps around a push: logins, credentials, the checkout, scans, caches. Pure."""

from __future__ import annotations

from ecr_push.base.regex import lazy_regex
from ecr_push.base.severity import Severity
from ecr_push.base.yaml_spans import Members, Text
from ecr_push.delivery.moving.github.draft import Deployed, Draft, Pushed
from ecr_push.delivery.moving.github.metadata import META
from ecr_push.delivery.moving.github.references import is_asked_how_it_ended, used_outputs
from ecr_push.delivery.moving.github.step_text import Input
from ecr_push.delivery.moving.github.words import CHECKOUT, RUNTIME
from ecr_push.delivery.moving.github.workflow import Step

CREDENTIALS = "aws-actions/configure-aws-credentials"
ECR_LOGIN = "aws-actions/amazon-ecr-login"
LOGIN = "docker/login-action"
SCANS = ("alexjurkiewicz/ecr-scan-image", "vonsteer/ecr-scan-action")
_CHECKOUT = "actions/checkout"
_RUNTIME = "crazy-max/ghaction-github-runtime"
# Steps that need no credentials of AWS; of any other it is not known.
_WITHOUT_AWS = frozenset({
    _CHECKOUT, META, LOGIN, _RUNTIME, "docker/setup-buildx-action", "docker/setup-qemu-action",
    "docker/build-push-action", "actions/upload-artifact", "actions/download-artifact", "actions/cache",
    "actions/setup-node", "actions/setup-python", "actions/setup-java", "actions/setup-go",
    "github/codeql-action/upload-sarif", "slackapi/slack-github-action", "softprops/action-gh-release",
})  # fmt: skip
_NEEDS_AWS = lazy_regex(
    r"\b(?:aws|cdk|sam|terraform|tofu|kubectl|helm|eksctl|copilot|pulumi|serverless|sls|boto3|docker|crane)\b"
)
_ECR_HOST = lazy_regex(r"(?s).*(?:\.dkr[.-]ecr|ecr|amazonaws|aws).*")
_KEPT = {
    "docker/setup-buildx-action": "ecr-push builds with the builder that it makes",
    "docker/setup-qemu-action": "it emulates other platforms",
}
_SCAN_OUTPUTS = ("critical", "high", "medium", "low")


def read_gate(draft: Draft) -> None:
    """A scan that refuses images today: its threshold is the run's from the start."""
    for at, step in enumerate(draft.job.steps):
        if step.uses in SCANS:
            word = (step.input("fail_threshold") or "high").strip()
            known = word.upper() in Severity.__members__ or word == "none" or "${{" in word
            draft.gate = Input("fail-on", word.lower() if known and "${{" not in word else word)
            draft.becomes[at] = ""
            draft.say(step, "became", f"fail-on: {word}", "a run waits for the scan before a tag moves")
            if step.input("ignore_list"):
                why = "write them as exceptions of the policy, each with a reason and an end: docs/policy.md"
                draft.say_input(step, "ignore_list", "no equal", "", why)


def map_scan_outputs(draft: Draft) -> None:
    """The counts of a scan that is gone are outputs of the run, with the same names."""
    for step in draft.job.steps:
        if step.uses in SCANS and step.id and draft.pushed:
            identity = draft.pushed[-1].identity
            for name in _SCAN_OUTPUTS:
                draft.outputs[step.id, name] = f"steps.{identity}.outputs.{name}"


def drop_what_nothing_needs(draft: Draft) -> None:
    """Rules of tags, logins and credentials that served the push alone; the last first."""
    for uses in (META, ECR_LOGIN, LOGIN, CREDENTIALS):
        for at, step in reversed(list(enumerate(draft.job.steps))):
            if step.uses == uses and at not in draft.becomes:
                _drop(draft, at, step)
    for _, step in draft.left():
        if why := _KEPT.get(step.uses):
            draft.say(step, "kept", "", why)


def _drop(draft: Draft, at: int, step: Step) -> None:
    if step.uses == LOGIN and not _is_for_ecr(step):
        draft.say(step, "kept", "", "it is for another registry")
    elif used := _used(draft, step):
        draft.say(step, "kept", "", f"its output {used} is used")
    elif is_asked_how_it_ended(draft, step.id):
        draft.say(step, "kept", "", "another step asks how it ended")
    elif step.uses in (ECR_LOGIN, LOGIN) and (other := _user_of_docker(draft, at)):
        draft.say(step, "kept", "", f"line {other.line} uses docker")
    elif step.uses == CREDENTIALS:
        _credentials(draft, at, step)
    else:
        draft.becomes[at] = ""
        why = (
            "the run has its rules"
            if step.uses == META
            else "a run logs in by itself, apart from docker's file"
        )
        draft.say(step, "not needed", "", why)


def _credentials(draft: Draft, at: int, step: Step) -> None:
    """They stay where others need them, where keys are stored, and where roles follow one another."""
    role = draft.wish.role or step.input("role-to-assume").strip()
    extra = [
        name.value
        for name, _ in step.inputs().pairs
        if name.value.lower()
        not in ("role-to-assume", "aws-region", "role-session-name", "mask-aws-account-id")
    ]
    users = [(place, one) for place, one in draft.left() if one.run is None and one.uses not in _WITHOUT_AWS]
    users += [(place, one) for place, one, script in draft.runs() if _NEEDS_AWS.search(script)]
    user = next((one for place, one in sorted(users, key=lambda one: one[0]) if place > at), None)
    if not role or extra or user or step.condition:
        why = f"line {user.line} needs them too" if user else "ecr-push takes the credentials that it makes"
        draft.say(step, "kept", "", why)
        return
    draft.becomes[at] = ""
    draft.say(step, "became", "role-to-assume, region", "renewed during a long build")
    later = [place for place, one in enumerate(draft.job.steps) if place > at and one.uses == CREDENTIALS]
    ours = range(at, min(later, default=len(draft.job.steps)))
    given = [Input("region", step.input("aws-region")), Input("role-to-assume", role)]
    for one in draft.pushed:
        if draft.job.steps.index(one.step) in ours:
            one.credentials = given[1:] if draft.wish.region else given
    for two in draft.deployed:
        if draft.job.steps.index(two.step) in ours:
            two.credentials = given[1:] if two.has_region else given


def _user_of_docker(draft: Draft, login: int) -> Step | None:
    """A step that stays, comes after a login, and may pull or push with it."""
    for at, step, script in draft.runs():
        if at > login and _DOCKER.search(script):
            return step
    for at, step in draft.left():
        if at > login and step.uses in (
            "docker/build-push-action",
            "docker/bake-action",
            "docker/scout-action",
        ):
            return step
    return next((one for one in draft.takers if not one.uses.startswith("aws-actions/")), None)


_DOCKER = lazy_regex(r"\b(?:docker|podman|buildah|crane|skopeo|cosign|trivy|syft|grype)\b")


def _used(draft: Draft, step: Step) -> str:
    """An output of a step that something which stays uses; "" where none is."""
    return next((name for name in used_outputs(draft, step.id) if (step.id, name) not in draft.outputs), "")


def _is_for_ecr(step: Step) -> bool:
    registry = step.input("registry").strip()
    if registry in ("", "docker.io", "ghcr.io", "quay.io"):
        return False
    return bool(_ECR_HOST.fullmatch(registry.lower())) or step.input("ecr") == "true"


def set_checkout(draft: Draft) -> None:
    """The whole history, for the version; and a checkout, where docker fetched the commit itself."""
    places = [at for at, one in enumerate(draft.job.steps) if one.uses == _CHECKOUT]
    first = min((draft.job.steps.index(one.step) for one in draft.pushed), default=0)
    if not draft.job.name:
        draft.steps.append(
            "the workflow that uses the action checks out with fetch-depth: 0, for the version"
        )
        return
    if not [at for at in places if at < first]:
        step = draft.job.steps[first]
        dash, column = " " * step.dash, " " * step.column
        lines = [
            f"uses: {CHECKOUT}",
            "with:",
            "  fetch-depth: 0 # the version comes from the history",
        ]
        lines.append("  persist-credentials: false")
        shown = [
            f"{dash}-{' ' * (step.column - step.dash - 1)}{lines[0]}",
            *(f"{column}{one}" for one in lines[1:]),
        ]
        draft.becomes[first] = "\n".join(shown) + "\n" + draft.becomes[first]
        draft.say(step, "became", "actions/checkout", "versions, tags and labels come from the checkout")
        return
    at = places[0]
    step = draft.job.steps[at]
    if step.input("fetch-depth").strip() != "0":
        changed = _with_depth(step, draft.workflow.text)
        if changed:
            draft.becomes[at] = changed
            draft.say(step, "became", "fetch-depth: 0", "the version comes from the history and its tags")
        else:
            draft.say(step, "no equal", "", "give it fetch-depth: 0, for the version")


def _with_depth(step: Step, text: str) -> str:
    given = step.node.get("with")
    found = text[step.begin : step.end]
    depth = step.inputs().get("fetch-depth")
    if isinstance(depth, Text):
        return found[: depth.begin - step.begin] + "0" + found[depth.end - step.begin :]
    if isinstance(given, Members) and given.pairs and not given.flow:
        first = given.pairs[0][0]
        at = text.rfind("\n", 0, first.begin) + 1
        line = f"{' ' * (first.begin - at)}fetch-depth: 0\n"
        return found[: at - step.begin] + line + found[at - step.begin :]
    if given is None and not step.node.flow:
        column = " " * step.column
        return found.rstrip("\n") + f"\n{column}with:\n{column}  fetch-depth: 0\n"
    return ""


def add_runtime(draft: Draft) -> None:
    """The cache of type gha needs variables that GitHub gives to actions of JavaScript alone."""
    if any(one.uses == _RUNTIME for one in draft.job.steps):
        return
    for one in draft.pushed:
        caches = one.step.input("cache-from") + one.step.input("cache-to")
        if "type=gha" in caches:
            at = draft.job.steps.index(one.step)
            margin = f"{' ' * one.step.dash}-{' ' * (one.step.column - one.step.dash - 1)}"
            draft.becomes[at] = f"{margin}uses: {RUNTIME}\n{draft.becomes[at]}"
            draft.say_input(
                one.step, "cache-to", "became", _RUNTIME, "it gives the next steps GitHub's cache"
            )
            return


def with_credentials(draft: Draft, text: str) -> str:
    """A step's text with the inputs of its credentials, which are known last: behind what they are for."""
    ours: tuple[Pushed | Deployed, ...] = (*draft.pushed, *draft.deployed)
    for one in ours:
        begin = text.find(f"id: {one.identity}\n")
        if one.credentials and begin >= 0:
            at = text.index("repository: " if isinstance(one, Pushed) else "arguments: ", begin)
            end = text.find("\n", at) + 1
            column = at - text.rfind("\n", 0, at) - 1
            lines = "".join(f"{line}\n" for given in one.credentials for line in given.lines(column))
            text = text[:end] + lines + text[end:]
    return text
