"""Starts ecr-push from the files beside this one: `python3 -I -S start.py COMMAND ...`.

`start.py --needed KEPT` is for a CI that hands files over one by one: it names those that are still needed.

Nothing but this folder and Python's own library is imported: -I leaves out the current directory, PYTHONPATH
and the user's packages, -S the machine's. Every Python since 2.7 reads this file, to say what it lacks.
"""

import os
import stat
import sys

NEEDED = (3, 10)
# Newer ones that a machine may have beside an older python3.
NEWER = ("python3.15", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3")
SUMS = "SHA256SUMS"
# What every Python needs beside its archive of code.
BESIDE = ("tzdata.zip", "cacert.pem")
# No file of a bundle is larger.
LARGEST = 1 << 26
# Where Python looks for time zones.
ZONES = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")
# What stands before an error, such as a CI's mark for one.
MARK = os.environ.get("ECRPUSH_ERROR_MARK", "ecr-push: ")
# A CI's file of outputs, NAME=VALUE, which the command line writes once it has begun.
OUTPUTS = os.environ.get("ECRPUSH_OUTPUTS")


def fail(what, remedy):
    sys.stderr.write(MARK + what + ". To do: " + remedy + "\n")
    if OUTPUTS:
        with open(OUTPUTS, "a") as file:
            file.write("exit-code=2\n")
    sys.exit(2)


def execute(python):
    """Executes this file with another Python, or with the flags that it needs."""
    utf8 = ["-X", "utf8"] if getattr(sys.flags, "utf8_mode", 0) else []
    os.execv(python, [python, "-I", "-S"] + utf8 + [os.path.abspath(__file__)] + sys.argv[1:])


def find_newer():
    """Returns the path of a Python that is new enough; None if the PATH has none."""
    import subprocess

    question = "import sys; sys.exit(sys.version_info < %r)" % (NEEDED,)
    for name in NEWER:
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, name)
            # Relative folders would be those of the source that is built.
            if os.path.isabs(folder) and os.access(path, os.X_OK) and not os.path.isdir(path):
                # pyenv has scripts for Pythons that it does not have.
                with open(os.devnull, "r+") as null:
                    try:
                        if not subprocess.call(
                            [path, "-I", "-c", question], stdin=null, stdout=null, stderr=null
                        ):
                            return path
                    except OSError:
                        continue
    return None


def check(folder, names, sums):
    """Ends with an error where a file is not the one that the release has."""
    import hashlib

    remedy = (
        "restore %s from its release: `sha256sum -c %s` there names what differs. A cache or mirror may hold "
        "an old or a changed copy" % (folder, SUMS)
    )
    for name in names:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                found = hashlib.sha256(file.read()).hexdigest()
        except (IOError, OSError) as error:
            fail("the file %s of ecr-push cannot be read: %s" % (name, error.strerror), remedy)
        if found != sums.get(name):
            fail("the file %s of ecr-push is not the one that its release has" % name, remedy)


def read_sums(folder):
    """Returns {file: SHA-256}."""
    path = os.path.join(folder, SUMS)
    try:
        with open(path) as file:
            lines = [line.split(None, 1) for line in file]
        return {name.strip(): digest for digest, name in lines}
    except (IOError, OSError, ValueError) as error:
        fail("%s cannot be read: %s" % (path, error), "restore that folder from its release")


def needed(folder, sums, kept):
    """Prints `python PATH`, and `needs FILE` for each file that the folder lacks.

    A file that the folder kept has under its hash is copied instead. Earlier builds could write to kept: its
    files are read once, and only their content counts.
    """
    import hashlib

    check(folder, ("start.py",), sums)
    print("python " + sys.executable)
    for name in (archive(sums),) + BESIDE:
        content = read_kept(os.path.join(kept, sums.get(name, "")))
        if hashlib.sha256(content).hexdigest() == sums.get(name):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        else:
            print("needs " + name)


def read_kept(path):
    """Returns the content of a regular file; b"" where there is none. Follows no link, waits for no pipe."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            status = os.fstat(opened)
            usual = stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST
            return os.read(opened, status.st_size) if usual else b""
        finally:
            os.close(opened)
    except OSError:
        return b""


def archive(sums):
    """Returns the name of the archive of code for this Python: compiled for it, or the sources."""
    compiled = "code-%d%d.zip" % sys.version_info[:2]
    # Before a release of Python its bytecode still changes.
    final = sys.version_info[3] == "final" and sys.implementation.name == "cpython"
    return compiled if final and compiled in sums else "code.zip"


def zones():
    """Returns the archive of time zones where the machine has none: to list what it holds takes time."""
    return [] if any(os.path.exists(os.path.join(one, "UTC")) for one in ZONES) else ["tzdata.zip"]


def main():
    if sys.version_info < NEEDED:
        newer = find_newer()
        if newer:
            execute(newer)
        fail(
            "this machine's %s is Python %d.%d, and ecr-push needs 3.10 or later; its PATH has no newer one"
            % ((sys.executable or "python",) + sys.version_info[:2]),
            "install Python 3.10 or later, or use an image that has it",
        )
    if not (sys.flags.isolated and sys.flags.no_site):
        execute(sys.executable)
    folder = os.path.dirname(os.path.abspath(__file__))
    sums = read_sums(folder)
    if sys.argv[1:2] == ["--needed"]:
        needed(folder, sums, sys.argv[2])
        return
    code = archive(sums)
    check(folder, ("start.py", code) + BESIDE, sums)
    sys.path[:0] = [os.path.join(folder, name) for name in [code] + zones()]
    from ecr_push.cli import console

    console()


if __name__ == "__main__":
    main()
