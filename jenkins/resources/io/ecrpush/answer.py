"""answer.py RESULT EXIT_CODE: what the pipeline gets to know of a result document, as one line of JSON.

The document itself stays on the agent: with many findings it has megabytes, and what a pipeline holds is
written to the controller's disk step by step.
"""

import json
import sys
from collections import Counter
from pathlib import Path

# Where the command line or the checkout was wrong there is no document, and nothing else to say it by.
WITHOUT_DOCUMENT = {
    1: "a defect of ecr-push: the log above names a file with the details",
    2: "the settings or the checkout are wrong, and nothing was built: the log above says where",
    130: "interrupted by SIGINT",
    143: "interrupted by SIGTERM",
}


def answer(document, code):
    """The Map of the step, but for the paths of files. document is {} where the run wrote none."""
    image = document.get("image") or {}
    verdict = document.get("verdict")
    counts = Counter()
    for platform in (document.get("scan") or {}).get("platforms", ()):
        counts.update(platform["counts"])
    return {
        # A refused image's digest is told for inspection, but as no reference that one could deploy.
        "image": image.get("reference") if code == 0 and document.get("status") == "accepted" else None,
        "digest": image.get("digest"),
        "version": document.get("version"),
        "tags": [one["tag"] for one in document.get("tags", ()) if one["result"] in ("moved", "already")],
        "verdict": None if verdict is None else "accepted" if verdict["accepted"] else "refused",
        "counts": dict(counts),
        "exitCode": code,
        "message": f"{message(document, code)} (exit code {code})",
    }


def message(document, code):
    """The headline of the run, in one line."""
    failure, verdict = document.get("failure"), document.get("verdict")
    if failure:
        what = f"{failure['what']} {failure['why']}".split("\n")[0].strip()
        return f"failed in phase {failure['phase']}: {what}"
    if verdict and not verdict["accepted"]:
        broken = [one for one in verdict["rules"] if not one["passed"]]
        reasons = [
            f"{one['rule']}, {one['counted']} found{' on ' + one['platform'] if one['platform'] else ''}"
            for one in broken
        ]
        return f"refused {document['image']['reference']}: {'; '.join([*reasons, *verdict['errors']])}"
    if not document:
        return WITHOUT_DOCUMENT.get(code, "failed: the log above says why")
    return document["status"]


def main(result, code):
    try:
        document = json.loads(Path(result).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        document = {}
    print(json.dumps(answer(document, int(code))))


if __name__ == "__main__":
    main(*sys.argv[1:])
