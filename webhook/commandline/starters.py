"""Programs of a known language that may start something of another one."""

from collections.abc import Mapping, Sequence

from webhook.commandline.foreign import FOREIGN
from webhook.commandline.known import PROGRAMS, SUFFIXES
from webhook.commandline.options import command, options, value
from webhook.commandline.program import Step, Trail
from webhook.commandline.wrappers import Wrapper

_RUNNERS = {
    "npx": options("-p --package -c --call"),
    "pnpx": options("-p --package"),
    "npm": options("--prefix -w --workspace --package", subcommand="exec x"),
    "pnpm": options("-C --dir -F --filter --package", subcommand="exec dlx x"),
    "yarn": options("--cwd -p --package", subcommand="exec dlx"),
}
_OTHER_SUFFIXES = tuple(
    suffix for suffix, (language, _) in SUFFIXES.items() if language != "nodejs"
)
_LAUNCHER = "/cnb/lifecycle/launcher"


def running(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`npx x`: Node.js whatever it runs, unless that is known to be something else."""
    rest = command(argv, _RUNNERS[name])
    if not rest:
        return None
    started = rest[0].rpartition("/")[2]
    other = started in FOREIGN or PROGRAMS.get(started, "nodejs") != "nodejs"
    return [(rest, trail.past(name))] if other else None


def keeping(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """nodemon, pm2 and forever run scripts of other languages too, `--interpreter python3`."""
    started = value(argv, "--exec", "-x", "--interpreter", "-c", "--command")
    if started is not None and started.split():
        return [(started.split(), trail.past(name))]
    for word in argv[1:]:
        if word.endswith(_OTHER_SUFFIXES):
            return [((word,), trail.past(name))]
    return None


def launching(_name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """The buildpacks' launcher: a command, or one word that may be a script or a process type."""
    if argv[0] != _LAUNCHER or not argv[1:]:
        return None
    rest = argv[2:] if argv[1] == "--" else argv[1:]
    if len(rest) == 1 and " " not in rest[0]:
        return None
    return [(("sh", "-c", rest[0]) if len(rest) == 1 else rest, trail.past("launcher"))]


STARTERS: Mapping[str, Wrapper] = {
    **dict.fromkeys(_RUNNERS, running),
    **dict.fromkeys(("nodemon", "pm2", "pm2-runtime", "pm2-docker", "pm2-dev", "forever"), keeping),
    "launcher": launching,
}
