"""Which test runs a command, and each option that adds a statement to it, under what is printed for it.

`tests/unit/pipeline/permissions/test_held.py` finds what is missing here, and each test of this table has to
have enforced a policy that was printed for what it stands for: see `tests/integration/conftest.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# A command and a flag, or a command and "" for the command itself.
Pair = tuple[str, str]

_IAM, _SERVICES = "test_iam.py::test_", "test_iam_services.py::test_"
_TO, _CREATE = "--to", "--create-repository"
_HEARD = ("--event-bus", "--metrics")
_COMPARED = (*_HEARD, "--base-image")

_BY_TEST: Mapping[str, Mapping[str, Sequence[str]]] = {
    f"{_IAM}a_run_from_the_first_push_on": {"run": (_CREATE, "--cache", "--kms-key", "--attest-verdict")},
    f"{_IAM}a_run_as_a_role_to_more_repositories_under_enhanced_scanning": {"run": ("--role", _TO)},
    f"{_IAM}commands[looks]": {
        **dict.fromkeys(("scan", "policy test", "lifecycle test", "login", "costs", "repository export"), ())
    },
    f"{_IAM}commands[moves]": {
        "promote": ("--attest-verdict", "--attest-sbom", _TO, _CREATE),
        **dict.fromkeys(("status", "rollback", "prune"), ()),
    },
    f"{_IAM}commands[copies]": {"copy": (_TO, _CREATE, "--judge"), "mirror": (_CREATE, "--judge")},
    f"{_IAM}signed_verified_and_replicated": {
        "promote": ("--sign", "--wait-replication"),
        "render": ("--verify",),
        "registry backfill": (),
    },
    f"{_IAM}a_run_with_services_that_the_sandbox_lacks": {
        "run": ("--lock", "--scan-events-queue", "--sign", "--sign-key"),
        "plan": ("--lock",),
        "verify": ("--sign-key",),
        **dict.fromkeys(("policy show", "policy exceptions"), ()),
    },
    f"{_IAM}parts_in_a_repository_as_a_file_says": {"build": (_CREATE, "--cache", "--cache-repository")},
    f"{_IAM}a_look[plan]": {"plan": (_TO, "--cache")},
    f"{_IAM}a_look[doctor]": {"doctor": (_TO,)},
    f"{_IAM}a_look_as_a_role": {"doctor": ("--role",)},
    f"{_IAM}which_images_changed": {"matrix": ()},
    f"{_IAM}repositories_as_a_file_says": dict.fromkeys(
        [f"repository {one}" for one in ("show", "may", "plan", "apply")], ()
    ),
    f"{_IAM}a_registry_as_a_file_says": dict.fromkeys(
        [f"registry {one}" for one in ("show", "plan", "apply")], ()
    ),
    f"{_SERVICES}services_of_ecs": {"deploy ecs": ("--service", "--cluster", "--task-definition")},
    f"{_SERVICES}other_services_that_run_images": {
        "deploy lambda": ("--function", "--alias"),
        "deploy batch": ("--job-definition",),
        "deploy sagemaker": ("--endpoint",),
    },
    f"{_SERVICES}who_else_learns_of_it_and_what_is_compared": {
        "scan": _COMPARED,
        "promote": (*_COMPARED, "--audit", "--lock", "--require-signature"),
        "rollback": (*_COMPARED, "--audit", "--lock"),
        "run": (*_COMPARED, "--audit", "--lock", "--require-signature"),
        "deploy batch": (*_HEARD, "--audit"),
    },
    f"{_SERVICES}what_happened_to_an_image": {"audit": ()},
}


def _pairs(by_command: Mapping[str, Sequence[str]]) -> list[Pair]:
    return [(command, flag) for command, flags in by_command.items() for flag in ("", *flags)]


# Several tests may run one pair.
HELD: Mapping[Pair, Sequence[str]] = {
    pair: [test for test, its in _BY_TEST.items() if pair in _pairs(its)]
    for by_command in _BY_TEST.values()
    for pair in _pairs(by_command)
}

# What the policies that a test has enforced were asked for with.
enforced: set[Pair] = set()


def note_enforced(argv: Sequence[str]) -> None:
    """argv: of `ecr-push iam policy`."""
    flags = [word for word in argv if word.startswith("--")]
    command = argv[argv.index("--command") + 1] if "--command" in flags else "run"
    enforced.update((command, flag) for flag in ("", *flags))


def not_enforced(test: str) -> Sequence[str]:
    """What a test stands for and has enforced no policy of. test: its name, with parameters."""
    its = next((by_command for name, by_command in _BY_TEST.items() if name.endswith(f"::{test}")), {})
    return [" ".join(filter(None, pair)) for pair in _pairs(its) if pair not in enforced]
