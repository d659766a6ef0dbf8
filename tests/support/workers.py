"""Which tests one worker of pytest-xdist runs, one after the other, and which go to any worker.

`--dist=loadgroup` has no effect with pytest 9.2, which does not read ids that pytest-xdist 3.8 changes.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

UNIT = "tests/unit/"
FAULTS = "tests/integration/faults/"
# Modules that must not run at once, or that share something that takes long to load.
TOGETHER = {
    path: group
    for group, paths in {
        # Both give an example's name to an image of this machine, and need the locked packages as files.
        "job containers": ("integration/test_github_container.py", "integration/test_jenkins_containers.py"),
        "all sources, parsed": (
            *("unit/test_architecture.py", "unit/test_docs.py"),
            "unit/tags/metadata_action/test_purity.py",
        ),
        "cfn-lint": ("unit/test_codebuild_files.py", "unit/test_examples.py"),
    }.items()
    for path in (f"tests/{one}" for one in paths)
}


class Scheduler(LoadScopeScheduling):
    """An integration module stays together: its tests share what takes long to create. Unit tests do not, nor
    the cells of the fault matrix, which last longer than what they share."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return TOGETHER.get(path) or (nodeid if path.startswith((UNIT, FAULTS)) else path)
