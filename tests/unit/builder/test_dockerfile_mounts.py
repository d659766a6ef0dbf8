from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.dockerfile_mounts import mount_warnings

NPM = "FROM scratch\nRUN --mount=type=secret,id=npm npm ci\n"
STAGES = """\
FROM a AS deps
RUN --network=none --mount=type=cache,target=/c --mount=type=secret,id=deps,env=DEPS \\
  --mount=type=ssh git clone x
FROM b AS dev
RUN --mount=type=secret,target=/run/secrets/dev.txt ./dev
FROM c AS prod
COPY --from=deps /x /x
"""
NO_NPM = "a step mounts the secret npm, which no --secret gives: the step goes on without"
NO_DEPS = "a step mounts the secret deps, which no --secret gives: the step goes on without"
NO_AGENT = "a step mounts the SSH agent default, which no --ssh gives: the step goes on without"
NO_DEV = "a step mounts the secret dev.txt, which no --secret gives: the step goes on without"


@pytest.mark.parametrize(
    ("text", "target", "secrets", "ssh", "warnings"),
    [
        (NPM, "", ("id=npm,env=X",), (), ()),
        (NPM, "", (), (), (NO_NPM,)),
        (NPM, "", ("id=nmp,env=X",), (), (
            f"{NO_NPM}; did you mean 'nmp'?",
            "--secret id=nmp: no step mounts it; did you mean 'npm'?")),
        (NPM, "", ("id=npm,env=X", "id=GIT_AUTH_TOKEN.github.com,env=Y"), ("default",), ()),
        (STAGES, "", (), (), (NO_DEPS, NO_AGENT)),
        (STAGES, "PROD", ("id=deps,env=D",), ("default",), ()),
        (STAGES, "dev", (), (), (NO_DEV,)),
        (STAGES, "1", ("id=deps,env=D",), (), (NO_DEV,)),
        (STAGES, "nope", (), (), (NO_DEPS, NO_DEV, NO_AGENT)),
        # What another frontend's file, a base image or a variable may mean is not known.
        (f"# syntax=example/frontend:1\n{NPM}", "", (), (), ()),
        (f"{NPM}ONBUILD RUN --mount=type=secret,id=x y\n", "", (), (), ()),
        (NPM.replace("npm npm", "$ID npm"), "", (), (), ()),
        ("FROM scratch\nRUN echo --mount=type=secret,id=a\n", "", (), (), ()),
        ("", "", ("id=a,env=A",), (), ()),
    ],
)  # fmt: skip
def test_what_is_missing_and_what_is_mounted_nowhere(
    text: str, target: str, secrets: tuple[str, ...], ssh: tuple[str, ...], warnings: tuple[str, ...]
) -> None:
    assert mount_warnings(text, target, BuildKitInputs(secrets=secrets, ssh=ssh)) == warnings


@example("FROM", "")
@given(st.text("FROM scratchUN-mount=typescridq,.\"' \n\\$<{}0"), st.text("ab01", max_size=3))
def test_any_text_is_read(text: str, target: str) -> None:
    mount_warnings(text, target, BuildKitInputs(secrets=("id=a,env=A",)))
    mount_warnings(f"FROM a\nRUN --mount={text}\n", target, BuildKitInputs())
