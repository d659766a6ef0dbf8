"""What BuildKit's log says of caches and steps. The lines are those of buildx 0.29, cut."""

from __future__ import annotations

import pytest

from ecr_push.builder.cache import BuildCache
from ecr_push.builder.cache_log import CacheLog, less_of

LINES = """\
#0 building with "default" instance using docker driver
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#3 importing cache manifest from host/team/app-cache:cache-main
#3 inferred cache manifest type: application/vnd.oci.image.manifest.v1+json done
#3 DONE 0.1s
#4 [auth] sharing credentials for host
#5 importing cache manifest from host/team/app-cache:cache_feature-a-0e65
#5 ERROR: failed to configure registry cache importer: host/team/app-cache:cache_feature-a-0e65: not found
#6 [internal] load build context
#7 [build 1/3] FROM docker.io/library/debian
#7 extracting sha256:aa 0.0s done
#8 [build 2/3] COPY busybox /bin/busybox
#8 CACHED
#9 [build 3/3] RUN make
#9 sha256:91 175B / 175B done
#9 extracting sha256:91 0.0s done
#9 DONE 0.1s
#10 [stage-1 1/1] COPY --from=build /app /
#10 DONE 0.1s
#12 exporting cache to registry
#12 preparing build cache for export
#12 DONE 0.1s
"""


def read(text: str) -> CacheLog:
    log = CacheLog()
    for line in text.splitlines():
        log.line(line)
    return log


def test_a_cache_that_was_never_written_is_not_a_warning() -> None:
    log = read(LINES)
    assert log.missing == ("host/team/app-cache:cache_feature-a-0e65",)
    assert not list(log.warnings())


def test_steps_that_came_from_a_cache_are_those_that_were_not_run() -> None:
    """One whose layer is needed is fetched and unpacked; that of FROM is not a cache's."""
    assert read(LINES).steps == (4, 2)


@pytest.mark.parametrize(
    ("lines", "warning"),
    [
        (
            "#3 importing cache manifest from h/c:a\n#3 ERROR: unexpected status from HEAD: 403 Forbidden",
            "the build cache h/c:a could not be read: unexpected status from HEAD: 403 Forbidden",
        ),
        (
            "#9 preparing build cache for export\n#9 ERROR: failed to push h/c:a: name unknown",
            "the build cache could not be written: failed to push h/c:a: name unknown",
        ),
        (
            "#9 exporting to GitHub Actions Cache\n#9 preparing build cache for export done\n#9 ERROR: 403",
            "the build cache could not be written: 403",
        ),
        (
            "#3 importing cache manifest from h/c:a\n#3 ERROR: no sha256:aa from remote: not found",
            "the build cache h/c:a could not be read: no sha256:aa from remote: not found",
        ),
        ("#7 [1/1] RUN x\n#7 ERROR: exit code 1", None),
    ],
)
def test_any_other_error_of_a_cache_is_a_warning(lines: str, warning: str | None) -> None:
    assert list(read(lines).warnings()) == ([warning] if warning else [])


CACHE = BuildCache("ecr", "team/app-cache", ("cache-a", "cache-main"), "cache-a")


@pytest.mark.parametrize(
    ("error", "less"),
    [
        ("Cache export is not supported for the docker driver.", BuildCache()),
        ("failed to solve: unknown cache exporter: \"gha\"", BuildCache()),
        ("failed to solve: unknown cache importer: gha", BuildCache()),
        ("failed to configure gha cache exporter: token is malformed", BuildCache()),
        (
            "failed to copy: httpReadSeeker: failed open: could not fetch content descriptor aa: gone",
            BuildCache("ecr", "team/app-cache", (), "cache-a"),
        ),
        ("failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 1", CACHE),
        ("failed to push host/team/app:candidate-1: unexpected status from PUT: 403 Forbidden", CACHE),
        ("", CACHE),
    ],
)  # fmt: skip
def test_what_a_failed_build_is_tried_again_with(error: str, less: BuildCache) -> None:
    assert less_of(CACHE, error) == less
    assert less_of(BuildCache(), error) == BuildCache()
