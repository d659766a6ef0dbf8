"""answer.py RESULT EXIT_CODE: what the pipeline gets to know of a result document, as one line of JSON.

The document itself stays on the agent: with many findings it has megabytes, and what a pipeline holds is
written to the controller's disk step by step.
"""

import json
import sys
from collections import Counter
from pathlib import Path

# Where the command line was wrong there is no document, and nothing else to say it by.
WITHOUT_DOCUMENT = {
    1: ("failed", "a defect of ecr-push: the log holds the details"),
    2: ("failed", "the settings, the checkout or ecr-push's files are wrong; nothing was built: see the log"),
    129: ("interrupted", "interrupted by SIGHUP"),
    130: ("interrupted", "interrupted by SIGINT"),
    143: ("interrupted", "interrupted by SIGTERM"),
}
ELSE = ("failed", "failed: the log says why")


def answer(document, code):
    """The Map of the step, but for the paths of files. document is {} where the run wrote none."""
    image, status = document.get("image") or {}, document.get("status") or WITHOUT_DOCUMENT.get(code, ELSE)[0]
    counts = Counter()
    for platform in (document.get("scan") or {}).get("platforms", ()):
        counts.update(platform["counts"])
    return {
        # A refused image has a digest, for inspection, but nothing that one could deploy.
        "image": image.get("reference")
        if status in ("accepted", "observed", "verified", "deployed")
        else None,
        "digest": image.get("digest"),
        "version": document.get("version"),
        "tags": [one["tag"] for one in document.get("tags", ()) if one["result"] in ("moved", "already")],
        "verdict": status,
        "counts": dict(counts),
        # Of a run for several images, what was accepted, by name; of `matrix`, the jobs.
        "images": {one["name"]: one["image"] for one in document.get("images", ()) if one.get("image")},
        "verdicts": {one["name"]: one["status"] for one in _that_ran(document)},
        "matrix": document.get("matrix", []),
        "candidate": document.get("candidate"),
        "gitTag": (document.get("gitTag") or {}).get("name"),
        "exitCode": code,
        "message": f"{one_line(message(document, code))} (exit code {code})",
    }


def message(document, code):
    """The headline of the run, in one line."""
    failure, verdict = document.get("failure"), document.get("verdict")
    if not document:
        return WITHOUT_DOCUMENT.get(code, ELSE)[1]
    if several := document.get("images"):
        ended = [
            f"{one['name']} {one['status']}"
            for one in several
            if one.get("status", "unchanged") != "unchanged"
        ]
        return f"{document['status']}: {', '.join(ended) or 'no image'} of {len(several)}"
    if failure:
        why = failure["why"].partition("\n")[0]
        return (
            f"{document['status']} in phase {failure['phase']}: {failure['what']}{f': {why}' if why else ''}"
        )
    if deployment := document.get("deployment"):
        return f"{document['status']}: {deployment['subject']}, {deployment['result']}"
    if verification := document.get("verification"):
        lacking = [one for one in verification["checks"] if not one["passed"]]
        why = "; ".join(f"{one['what']}: {one['why']}" for one in lacking)
        return f"{document['status']} {verification['named']}{f': {why}' if why else ''}"
    tests = [one for one in document.get("tests", ()) if one["result"] == "failed"]
    if document["status"] == "test-failed":
        why = "; ".join(f"{one['command']}: {one['why']}" for one in tests)
        return f"{document['status']} {document['image']['reference']}: {why}"
    if verdict and not verdict["accepted"]:
        broken = [one for one in verdict["rules"] if not one["passed"]]
        reasons = [f"{one['rule']}, {one['counted']} found{_where(one)}" for one in broken]
        why = "; ".join([*reasons, *verdict["errors"]])
        return f"{document['status']} {document['image']['reference']}: {why}"
    return f"{document['status']}: {document['checked']}" if document.get("checked") else document["status"]


def _that_ran(document):
    """Of a run for several images, those that it did not leave out."""
    return [
        one
        for one in document.get("images", ())
        if one.get("status", "unchanged") not in ("unchanged", "skipped")
    ]


def one_line(text):
    """text without line breaks and control characters, which would pass for lines of the log of others."""
    return "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in " ".join(text.split())
    )


def _where(rule):
    return f" on {rule['platform']}" if rule["platform"] else ""


def main(result, code):
    try:
        document = json.loads(Path(result).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        document = {}
    print(json.dumps(answer(document, int(code))))


if __name__ == "__main__":
    main(*sys.argv[1:])
