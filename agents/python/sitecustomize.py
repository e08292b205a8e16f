"""The agent's entry point.

Its directory is the first of PYTHONPATH, so every Python that starts in the container imports it,
whatever its version: the syntax is what Python 2.7 and all of 3 share.
"""

# Two promises: the sitecustomize that this one hides is run, and nothing that happens here keeps
# the application from starting.
import os
import sys

OLDEST = (3, 10)
HERE = os.path.dirname(os.path.abspath(__file__))


def _off(reason):
    # One write, one line: several processes may share the stream, and some have none.
    try:  # noqa: SIM105 - Python 2 has no contextlib.suppress
        sys.stderr.write("spanhook: Python agent off: %s\n" % str(reason).split("\n")[0])
    except Exception:
        pass


def _is_here(entry):
    return os.path.abspath(entry) == HERE


def _run_hidden():
    # Python imports the first sitecustomize on the path only. Ours steps aside, in sys.path and in
    # sys.modules, so that the next one is found, and is what the application sees under that name.
    ours = sys.modules.pop("sitecustomize", None)
    path = sys.path[:]
    sys.path[:] = [entry for entry in path if not _is_here(entry)]
    searched = sys.path[:]
    try:
        __import__("sitecustomize")
    except ImportError as error:
        # Python 2 has no `name`; its message ends in the name of the missing module.
        missing = getattr(error, "name", str(error).split(" ")[-1])
        if missing != "sitecustomize":
            raise
    finally:
        if sys.path == searched:
            sys.path[:] = path
        if ours is not None and "sitecustomize" not in sys.modules:
            sys.modules["sitecustomize"] = ours


def _start():
    if sys.version_info < OLDEST:
        _off("Python %d.%d is older than %d.%d" % (tuple(sys.version_info[:2]) + OLDEST))
        return
    sys.path.append(os.path.join(HERE, "spanhook-agent"))
    __import__("spanhook_agent.start")
    sys.modules["spanhook_agent.start"].run(HERE, _off)


try:
    _run_hidden()
finally:
    try:
        _start()
    except Exception as error:
        _off("%s: %s" % (type(error).__name__, error))
