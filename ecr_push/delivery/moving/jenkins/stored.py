"""The variables of a Jenkinsfile that hold credentials of Jenkins' store. Pure.

https://www.jenkins.io/doc/pipeline/steps/credentials-binding/ and, for `environment`,
https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#handling-credentials
"""

from __future__ import annotations

from ecr_push.base.regex import lazy_regex

_BOUND = lazy_regex(r"\b(?:variable|\w+Variable)\s*:\s*['\"](\w+)['\"]")
_HELPER = lazy_regex(r"(?m)^\s*(\w+)\s*=\s*credentials\s*\(")
_PARTS = ("", "_USR", "_PSW")  # of a name and its password


def stored_variables(text: str) -> frozenset[str]:
    """By their names: those of `withCredentials`, and those of `environment` with `credentials(…)`."""
    helped = (f"{name}{part}" for name in _HELPER.findall(text) for part in _PARTS)
    return frozenset((*_BOUND.findall(text), *helped))
