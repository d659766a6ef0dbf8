"""Text that attacks a report, and outcomes that have it in every place that an outsider can fill."""

from __future__ import annotations

from dataclasses import replace

from ecr_push.base.errors import BuildError
from ecr_push.base.severity import Severity
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.image_test import ImageTest, ImageTestResult
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import ExceptionResult, JudgedFinding, RuleResult, Treatment, Verdict
from ecr_push.scan.findings import Finding, OtherScan, Package
from tests.support.outcomes import outcome, rule, scan, with_facts
from tests.support.sources import changed

HOSTILE = {
    "HTML": "<x-hostile onclick=alert(1)>boo</x-hostile>",
    "a script's end": "</script><x-hostile>",
    "an attribute's end": "\"' onload='x-hostile",
    "an entity": "&lt;x-hostile&gt; &amp; &#60;",
    "the end of CDATA": "]]><x-hostile/>",
    "a comment's end": "--> <x-hostile> <!--",
    "a heading": "# heading",
    "a table": "a | b || c \\| d \\\\| e",
    "a rule": "---",
    "a list": "1. one",
    "a quotation": "> quoted",
    "emphasis": "*a* _b_ **c** ~~d~~ a_b_c",
    "code": "`a` ``b`` ```c",
    "code's begin": "`",
    "a link": "[text](javascript:alert(1)) ![image](https://tracker.example/x.png) [a]: https://b.example",
    "bare links": "https://phish.example www.phish.example kim@phish.example <https://phish.example>",
    "mentions": "@everyone #1 GH-2 :boom: org/repo#3",
    "formulas": "$x$ $$y$$",
    "backslashes": "\\ \\* \\\\ \\n C:\\temp\\",
    "braces": "{0} {{1}} {% raw %} ${{ github.token }}",
    "ANSI": "\x1b[31mred\x1b[0m \x1b]8;;https://phish.example\x07link\x1b]8;;\x07",
    "C1 controls": "\x9b31mred \x85 \x90",
    "control characters": "a\x00b\x08c\x7fd\ufffe",
    "lines": "one\ntwo\r\nthree\rfour\u2028five\u2029six",
    "bidi overrides": "\u202egnp.exe\u202c \u2066a\u2069 \u200f",
    "no width": "a\u200bb\ufeffc",
    "half a character": "a\ud800b",
    "a workflow command": "::error file=a::boo",
    "a command after a line break": "x\n::set-output name=a::b\n  ::add-mask::x",
    "an old command": "x ##[set-env name=A]b ##[error]c",
    "a group": "##[group]",
    "commands of other CIs": "x ##vso[task.complete result=Succeeded;]y ##teamcity[buildStop]",
    "a formula of a spreadsheet": "=cmd|' /C calc'!A0",
    "blanks": "  two  blanks  ",
    "other scripts": "Ünïcödé 漢字 😀",
    "nothing but blanks": " \t ",
}


def hostile(text: str) -> Outcome:
    """An outcome with text in every place that someone outside can fill."""
    finding = Finding(
        text, Severity.CRITICAL, text, text, text, text, text, 9.8, text,
        (Package(text, text, text, text, text, text), Package(text, text, text, "NPM")), 0.5, True, text,
        (text,),
    )  # fmt: skip
    treatments = (Treatment.REFUSES, Treatment.EXCEPTED, Treatment.NOT_AFFECTED, Treatment.KNOWN)
    platform = replace(scan(finding), platform=text, status=text, completed_at=text, unscannable=text)
    made = outcome(
        Verdict(
            False,
            (rule(finding), RuleResult(text, text, 0, 1, (finding,)), RuleResult(text, "", 5, 1, ())),
            warnings=(text,),
            judged=tuple(JudgedFinding(finding, text, treatment, text) for treatment in treatments),
            exceptions=tuple(
                ExceptionResult(text, state, text, text, text, 1, text)
                for state in ("used", "unused", "expired", "outgrown")
            ),
            errors=(text,),
            baseline=text,
            policy=(text,),
        ),
        platform,
        scan(),
    )
    assert made.plan
    source = changed(made.plan.source, branch=text, remote_url=text)
    filled = replace(made, plan=replace(made.plan, source=source), created_repository=text)
    filled = replace(filled, build_checks=(BuildCheck(text, text, text, 3),))
    filled = replace(filled, tests=(ImageTestResult(ImageTest(text), "failed", 1, text, 1.0, (text, text)),))
    assert filled.scan
    filled = replace(filled, scan=replace(filled.scan, others=(OtherScan(text, text, 2, 1),)))
    return with_facts(filled, actor=text, url=text, dockerfile=text)


def hostile_failure(text: str) -> Outcome:
    error = BuildError(text, why=f"{text}\n{text}", remedy=text)
    return replace(hostile(text), verdict=None, failure=Failure.of(error, text))
