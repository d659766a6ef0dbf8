"""The images that have to run -> what a CI makes its jobs of. Pure.

Images that need each other are one job, in order: jobs of a GitHub matrix and of Jenkins wait for none of the
others. CodeBuild knows what depends on what, and has a build for each image.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Groups = Sequence[Sequence[str]]


def names(groups: Groups, needs: Mapping[str, Sequence[str]]) -> str:
    """A line for each job, with its images."""
    return "".join(f"{' '.join(group)}\n" for group in groups)


def github(groups: Groups, needs: Mapping[str, Sequence[str]]) -> str:
    """`strategy.matrix`, on one line, for `fromJSON`; `only` is the action's input.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
    """
    include = [{"name": " ".join(group), "only": ",".join(group)} for group in groups]
    return json.dumps({"include": include}) + "\n"


def jenkins(groups: Groups, needs: Mapping[str, Sequence[str]]) -> str:
    """A list for parallel stages, which `readJSON` reads; `only` is the step's option."""
    return json.dumps(jobs(groups)) + "\n"


def jobs(groups: Groups) -> list[dict[str, Any]]:
    """A map for each job."""
    return [{"name": " ".join(group), "only": list(group)} for group in groups]


def codebuild(groups: Groups, needs: Mapping[str, Sequence[str]], buildspec: str = "") -> str:
    """A buildspec whose batch has a build for each image; "" for no image, as CodeBuild takes no empty batch.

    buildspec: what each build runs; "" for the project's own file.
    https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html
    """
    ordered = [name for group in groups for name in group]
    if not ordered:
        return ""
    identifiers = _identifiers(ordered)
    lines = ["version: 0.2", "batch:", "  fast-fail: false", "  build-graph:"]
    for name in ordered:
        lines.append(f"    - identifier: {identifiers[name]}")
        if buildspec:
            lines.append(f"      buildspec: {json.dumps(buildspec)}")
        lines += ["      env:", "        variables:", f"          ECR_PUSH_ONLY: {json.dumps(name)}"]
        if needed := [identifiers[one] for one in needs[name]]:
            lines.append(f"      depend-on: [{', '.join(needed)}]")
    return "\n".join((*lines, ""))


def _identifiers(ordered: Sequence[str]) -> dict[str, str]:
    """Of letters, digits and underscores; names that differ in other characters alone get a number."""
    found: dict[str, str] = {}
    for name in ordered:
        plain = re.sub("[^A-Za-z0-9]", "_", name)
        plain = f"image_{plain}" if plain[0].isdigit() else plain
        taken = set(found.values())
        numbered = (plain if number == 1 else f"{plain}_{number}" for number in range(1, len(ordered) + 1))
        found[name] = next(one for one in numbered if one not in taken)
    return found


FORMATS: Mapping[str, Callable[..., str]] = {
    "names": names,
    "github": github,
    "jenkins": jenkins,
    "codebuild": codebuild,
}
