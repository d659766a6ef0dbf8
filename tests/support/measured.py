"""A program: runs another one; prints its peak kilobytes, output and status, as JSON.

A process begins with the peak of the one that started it, even across an exec: a test run of hundreds of
megabytes would be measured in place of a program of thirty. In between is this one, which is small.
"""

import json
import os
import subprocess
import sys


def main() -> None:
    with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        output = program.stdout.read()
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
    result = {"kilobytes": usage.ru_maxrss, "output": output, "status": program.returncode}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
