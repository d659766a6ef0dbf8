"""Starts ecr-push from the files beside this one: `python3 -I -S start.py COMMAND ...`.

`start.py --needed KEPT` is for a CI that hands files over one by one: it names those that are still needed.

Nothing but this folder and Python's own library is imported: -I leaves out the current directory, PYTHONPATH
and the user's packages, -S the machine's. Every Python since 2.7 reads this file, to say what it lacks.
"""

import gc
import os
import stat
import sys

NEEDED = (3, 10)
# Newer ones that a machine may have beside an older python3.
NEWER = ("python3.15", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3")
SUMS = "SHA256SUMS"
# In an archive for one Python, see ready_patterns.py.
PATTERNS = "ready_patterns.bin"
# What every Python needs beside its archive of code.
BESIDE = ("tzdata.zip", "cacert.pem")
PIECE = 1 << 16  # bytes: a file as a whole would count as memory of the run
# No file of a bundle is larger.
LARGEST = 1 << 26
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
        found = hashlib.sha256()
        try:
            with open(os.path.join(folder, name), "rb") as file:
                for piece in iter(lambda file=file: file.read(PIECE), b""):
                    found.update(piece)
        except (IOError, OSError) as error:
            fail("the file %s of ecr-push cannot be read: %s" % (name, error.strerror), remedy)
        if found.hexdigest() != sums.get(name):
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


class Archive:
    """Imports the modules of an archive, which stays open.

    Python's own zipimport opens the archive again for each module: that, and its list of what is in it, cost
    a seventh of a start.
    """

    def __init__(self, path):
        # All that this needs is imported before it is asked for modules itself.
        import marshal
        import struct
        import zlib
        from fcntl import F_DUPFD_CLOEXEC, fcntl
        from importlib.machinery import ModuleSpec

        self.load, self.unpack, self.spec = marshal.loads, zlib.decompress, ModuleSpec
        self.path = path
        opened = os.open(path, os.O_RDONLY)
        self.file = fcntl(opened, F_DUPFD_CLOEXEC, 3)  # not in the place of a standard stream that is closed
        os.close(opened)
        self.places = {}  # {name in the archive: (how it is compressed, bytes, its place)}
        # 4.3.12 and 4.3.16 of https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT; ours ends without
        # a comment.
        end = os.fstat(self.file).st_size - 22
        count, size, begin = struct.unpack_from("<HII", os.pread(self.file, 22, end), 10)
        listed = os.pread(self.file, size, begin)
        entry = struct.Struct("<10xH8xIIHHH8xI").unpack_from
        at = 0
        for _ in range(count):
            method, size, _, named, extra, comment, place = entry(listed, at)
            name = listed[at + 46 : at + 46 + named].decode("utf-8")
            self.places[name] = (method, size, place + 30 + named)  # ours have nothing extra
            at += 46 + named + extra + comment

    def read(self, name):
        method, size, place = self.places[name]
        content = os.pread(self.file, size, place)
        return self.unpack(content, -15) if method else content

    def find_spec(self, name, path=None, target=None):
        below = name.replace(".", "/")
        for end in ("/__init__.pyc", ".pyc", "/__init__.py", ".py"):
            if below + end in self.places:
                file = os.path.join(self.path, below + end)
                spec = self.spec(name, Module(self, below + end), origin=file)
                if end.startswith("/"):
                    # Nowhere else: Python would list the whole archive for a module that it does not have.
                    spec.submodule_search_locations = []
                return spec
        return None


class Module:
    """The loader of one module of an archive."""

    def __init__(self, archive, name):
        self._archive = archive
        self._name = name
        self.archive = archive.path

    def create_module(self, spec):
        # With its file already, and has_location left out: what Python would ask of the new module itself,
        # to find it missing, takes longer than all else here.
        module = type(sys)(spec.name)
        module.__file__ = spec.origin
        return module

    def exec_module(self, module):
        content = self._archive.read(self._name)
        if self._name.endswith(".py"):
            code = compile(content, module.__spec__.origin, "exec", dont_inherit=True)
        else:
            # Behind the flags of compiled code, which say nothing here.
            code = self._archive.load(memoryview(content)[16:])
        exec(code, module.__dict__)

    def get_data(self, path):
        try:
            return self._archive.read(os.path.relpath(path, self.archive).replace(os.sep, "/"))
        except KeyError:
            raise OSError(2, "not in the archive", path)  # noqa: B904 - Python 2 reads this file, too


class Zones:
    """Leads Python to the archive of time zones, once it has looked for one that the machine does not have.

    On sys.path before, the archive would be listed for the first module that is nowhere.
    """

    def __init__(self, path):
        self.path = path

    def find_spec(self, name, path=None, target=None):
        if name == "tzdata" and self.path not in sys.path:
            sys.path.append(self.path)  # which is looked at next


def leave(ended):
    """Leaves with the exit code, where there is one, and takes apart nothing of what is loaded."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream:
                stream.flush()
    except (IOError, OSError, ValueError):
        return  # Python says so, and ends with its own code
    for code in ended:
        os._exit(code)


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
    modules = Archive(os.path.join(folder, code))
    sys.meta_path[:0] = [modules, Zones(os.path.join(folder, "tzdata.zip"))]
    gc.disable()  # console() sets when it searches, once all this is loaded
    if PATTERNS in modules.places:
        from ready_patterns import use

        use(modules.read(PATTERNS))
    import atexit

    ended = []
    # What is registered first is called last: when every thread and everything else has come to its end. So
    # before anything of ours is imported, which may register something, too.
    atexit.register(leave, ended)
    from ecr_push.cli import console

    try:
        console()
    except SystemExit as error:
        ended += [error.code] if type(error.code) is int else []
        raise


if __name__ == "__main__":
    main()
