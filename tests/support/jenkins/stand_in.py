"""The library with a stand-in for the CLI: what the step itself does, in seconds and without an engine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.support.jenkins.builds import LIBRARY, Scenario

REFERENCE = "registry.example.com/team/app@sha256:1f"
ACCEPTED: Mapping[str, Any] = {
    "status": "accepted",
    "image": {"reference": REFERENCE, "digest": "sha256:1f"},
    "version": "1.4.2",
    "tags": [{"tag": "1.4.2", "result": "moved"}],
    "scan": {"platforms": [{"counts": {"HIGH": 0}}]},
}
REFUSED: Mapping[str, Any] = {
    **ACCEPTED,
    "status": "refused",
    "tags": [],
    "verdict": {"accepted": False, "rules": [], "errors": ["a reason"]},
}
TEST_FAILED: Mapping[str, Any] = {
    **ACCEPTED,
    "status": "test-failed",
    "tags": [],
    "tests": [
        {"command": "./a.sh", "result": "passed", "why": None},
        {"command": "./b.sh", "result": "failed", "why": "exit code 3"},
    ],
}
NOT_VERIFIED: Mapping[str, Any] = {
    "status": "not-verified",
    "image": {"reference": REFERENCE, "digest": "sha256:1f"},
    "verification": {
        "named": "team/app:1.4.2",
        "checks": [
            {"what": "signature", "passed": False, "found": None, "why": "there is none"},
            {"what": "verdict", "passed": True, "found": "accepted", "why": None},
        ],
    },
}
PLANNED: Mapping[str, Any] = {"status": "planned", "version": "1.4.2"}

# Instead of packages: a Python that is asked for the CLI runs $STAND_IN_RUN.
ENVIRONMENT = """
. '{real}'
find_python() {{ python=python3; }}
install_lock() {{
  mkdir -p "$1/bin"
  cp '{python}' "$1/bin/python"
  echo "the lock is $2"
}}
"""
CLI = """reports() {
  printf '%s\\n' "$ECR_PUSH_REPORT" "$ECRPUSH_JOB_REPORTS" | while IFS== read -r format path; do
    [ -z "$path" ] || echo "$1 $format" >"$path"
  done
}
eval "$STAND_IN_RUN"
"""
PYTHON = f"""#!/bin/sh
case " $* " in
  *' unpack.py '*) exit ;;
  *' ecr_push.cli '*) ;;
  *) exec python3 "$@" ;;
esac
{CLI}"""
# Instead of a bundle's: its answer is what the test says.
START = f"""import os, sys
if sys.argv[1] != "--needed":
    os.execvp("sh", ["sh", "-c", {CLI!r}])
needs = os.environ["STAND_IN_NEEDS"]
print("python %s\\n%s" % (sys.executable, needs)) if needs.startswith("needs") else sys.exit(needs)
"""
# Every byte that there is.
CODE = bytes(range(256))
ENDS = 'reports a; printf "%s" "$STAND_IN_DOCUMENT"; exit "$STAND_IN_CODE"'
# Takes longer to clean up than Jenkins waits.
CLEANS_UP = "trap 'sleep 3; reports late; exit 143' TERM; echo it runs >&2; sleep 60 & wait"


@dataclass(frozen=True)
class StandIn:
    folder: Path

    @classmethod
    def at(cls, folder: Path) -> StandIn:
        library = folder / "library"
        shutil.copytree(LIBRARY, library)
        resources = library / "resources" / "io" / "ecrpush"
        python = folder / "python"
        python.write_text(PYTHON)
        python.chmod(0o755)
        real = LIBRARY / "resources" / "io" / "ecrpush" / "environment.sh"
        (resources / "environment.sh").write_text(ENVIRONMENT.format(real=real, python=python))
        (resources / "package.txt").write_text("")
        return cls(folder)

    def with_bundle(self) -> Path:
        """The library of a release, whose bundle names a file that is not there too."""
        library = Path(shutil.copytree(self.folder / "library", self.folder / "released"))
        bundle = library / "resources" / "io" / "ecrpush" / "bundle"
        bundle.mkdir()
        files = {"start.py": START.encode(), "code.zip": CODE, "tzdata.zip": b""}
        sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
        for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
            (bundle / name).write_bytes(content)
        (bundle / "tzdata.zip").unlink()
        return library

    def without_rm(self) -> Path:
        """A folder for the PATH, whose rm fails."""
        folder = self.folder / "without rm"
        folder.mkdir()
        (folder / "rm").symlink_to("/bin/false")
        return folder

    def scenario(
        self,
        name: str,
        pipeline: str,
        document: Mapping[str, Any] = ACCEPTED,
        code: int = 0,
        run: str = ENDS,
        needs: str = "needs code.zip",
        **more: Any,
    ) -> Scenario:
        file = self.folder / f"{name}.Jenkinsfile"
        file.write_text(pipeline)
        agent = {
            "PATH": os.environ["PATH"],
            "STAND_IN_RUN": run,
            "STAND_IN_DOCUMENT": json.dumps(document),
            "STAND_IN_CODE": str(code),
            "STAND_IN_NEEDS": needs,
        }
        made = Scenario(file, self.folder / name, "", agent, library=self.folder / "library")
        return replace(made, **more)
