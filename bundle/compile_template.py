"""Prints a module in the place of `ecr_push/report/html_template.py`, which has the template's code ready.

Its arguments come first on sys.path: the wheels of the lock, and the folder of ecr_push.
"""

import sys

_LOAD = """

def load(environment, read):
    return environment.template_class.from_module_dict(environment, globals(), {})
"""


def main():
    sys.path[:0] = sys.argv[1:]
    from ecr_push.report import html

    # defer_init: as for a module, which is imported before there is an environment.
    source = html.asset("page.html.j2")
    sys.stdout.write(html.environment().compile(source, raw=True, defer_init=True) + _LOAD)


if __name__ == "__main__":
    main()
