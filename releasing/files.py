"""The files of a release that are published beside its commit.

packages/   wheel and source distribution, for an index
page/       what its page on GitHub has: both of them, the bundle as an archive, and the sums of all three
notes.md    the page's text: what changed, and the commit to pin
git.bundle  the release's commits and tags, for `git fetch`: what another job tests, and then pushes
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from releasing.changelog import HOME
from releasing.commits import BUNDLE, run_program
from releasing.repository import Repository


def write_files(repository: Repository, tag: str, folder: Path) -> None:
    """Writes them into a folder that does not exist yet. Raises GitError and ProgramError."""
    packages, page = folder / "packages", folder / "page"
    packages.mkdir(parents=True)
    page.mkdir()
    commit = repository.git("rev-parse", f"{tag}^{{commit}}")
    with repository.beside(commit) as beside:
        run_program(beside.root, "-m", "hatchling", "build", "--directory", str(packages))
    for package in packages.iterdir():
        shutil.copy2(package, page)
    name = f"ecr-push-{tag.removeprefix('v')}-bundle"
    archive = str(page / f"{name}.zip")
    repository.git("archive", f"--prefix={name}/", f"--output={archive}", f"{commit}:{BUNDLE}")
    sums = [(hashlib.sha256(one.read_bytes()).hexdigest(), one.name) for one in sorted(page.iterdir())]
    (page / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for digest, name in sums))
    (folder / "notes.md").write_text(_notes(repository, tag, commit), encoding="utf-8")
    tags = repository.git("tag", "--points-at", commit).splitlines()
    # What main has already is not in it; the branch's commit is, unless it is pushed.
    repository.git("bundle", "create", "--quiet", str(folder / "git.bundle"), *tags, f"^{commit}~2")


def _notes(repository: Repository, tag: str, commit: str) -> str:
    changes = repository.git("tag", "--list", "--format=%(contents:body)", tag).strip()
    return f"""\
{changes}

### Pinned

Each of these is this release, whatever happens to its tags:

```yaml
- uses: ecr-push/ecr-push@{commit} # {tag}
```

```groovy
@Library('ecr-push@{commit}') _
```

The same commit is `COMMIT` in CodeBuild's buildspec, and `ToolCommit` of its template. What is attached here,
the bundle's files in the commit, and the image have attestations of how they were built:
[how to check them]({HOME}/blob/{tag}/docs/how-it-works.md#what-a-release-is).
"""
