"""What the archive of a release's commit has, which GitHub hands to a runner that uses the action.

A runner fetches an action as `git archive` makes it, and unpacks every file of it in every job, though the
action runs the bundle. So the commit's .gitattributes keeps the rest out of archives; a clone has all of it.
https://git-scm.com/docs/git-archive#_attributes
"""

from __future__ import annotations

ATTRIBUTES = ".gitattributes"
# Of the top level. jenkins/ has the package, too, for `sandbox: true`; the library and the buildspec may be
# fetched as an archive, where a clone cannot be made.
_ARCHIVED = ("LICENSE", "README.md", "action.yml", "codebuild", "github", "jenkins", "requirements")
_LINES = """
# The archive of a release has what the wrappers run, and no more: see releasing/archive.py.
/* export-ignore
"""


def attributes(now: str) -> str:
    """The .gitattributes of a release's commit; now: those of the branch."""
    return now + _LINES + "".join(f"/{name} -export-ignore\n" for name in _ARCHIVED)


def is_archived(path: str) -> bool:
    """Whether the archive of a release has the file of this path, which is from the top, with `/`."""
    return path.partition("/")[0] in _ARCHIVED
