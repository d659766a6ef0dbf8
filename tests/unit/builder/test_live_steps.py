from __future__ import annotations

from ecr_push.builder.live_steps import LiveSteps


def test_a_line_names_its_step() -> None:
    steps = LiveSteps()
    shown = [
        steps.line(one)
        for one in (
            "#7 [build 2/4] RUN make",
            "#8 [base 1/2] FROM docker.io/library/alpine@sha256:0123456789abcdef0123456789abcdef",
            "#7 1.204 compiling a.c",
            "#8 extracting sha256:0123",
            "#7 [build 2/4] RUN make",
            "#7 DONE 2.1s",
            "#9 exporting to image",
            "#9 pushing layers",
            "WARNING: no output",
            "#0 building with default instance",
            "#7 [internal] load build context",
        )
    ]
    assert shown == [
        "[build 2/4] RUN make",
        "[base 1/2] FROM docker.io/library/alpine@sha256:0123456789abcdef0123456789abcdef",
        "[build 2/4] RUN make: compiling a.c",
        "[base 1/2] FROM docker.io/library/alpine@sha256…: extracting sha256:0123",
        "[build 2/4] RUN make",
        "[build 2/4] RUN make: DONE 2.1s",
        "exporting to image",
        "exporting to image: pushing layers",
        "WARNING: no output",
        "building with default instance",
        "[internal] load build context",
    ]
