"""Programs that end up starting another one: where that one's command line begins."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from webhook.commandline.commands import assignments
from webhook.commandline.options import Options, after_dashes, command, options, value
from webhook.commandline.program import Step, Trail

Wrapper = Callable[[str, Sequence[str], Trail], Step | None]
"""(name, argv, trail) → where to look next; None where it is not used as a wrapper here."""

_ENTRYPOINT_NAMES = (
    "__cacert_entrypoint.sh container-entrypoint uid_entrypoint uid_entrypoint.sh"
    " nvidia_entrypoint.sh _entrypoint.sh docker-entrypoint.sh docker-entrypoint"
    " docker-php-entrypoint entrypoint-wrapper.sh ros_entrypoint.sh cmd_wrapper"
)
ENTRYPOINTS = frozenset(_ENTRYPOINT_NAMES.split())
"""Scripts that mostly start what follows them: their own text says what they do."""

PREFIXES: dict[str, Options] = {
    # init processes
    **dict.fromkeys(("tini", "tini-static", "docker-init"), options("-e -p")),
    "dumb-init": options("-r --rewrite"),
    "catatonit": Options(),
    "pid1": Options(),
    # other users; the environment stays
    **dict.fromkeys(("gosu", "su-exec", "setuidgid", "s6-setuidgid"), options(operands=1)),
    "s6-applyuidgid": options("-u -g -G"),
    "chpst": options("-u -U -b -e -/ -n -l -L -m -d -o -p -f -c"),
    "capsh": Options(),
    # priority, limits, time, buffering
    "nice": options("-n --adjustment"),
    "ionice": options("-c -n --class --classdata"),
    "chrt": options("-T -P -D", operands=1),
    "taskset": options("", operands=1),
    "numactl": options("-i -p -P -m -N -C -l"),
    "nohup": Options(),
    "setsid": Options(),
    "timeout": options("-s --signal -k --kill-after", operands=1),
    "gtimeout": options("-s --signal -k --kill-after", operands=1),
    "stdbuf": options("-i -o -e --input --output --error"),
    "prlimit": Options(),
    "s6-softlimit": options("-a -c -d -f -l -m -o -p -r -s -t"),
    "time": options("-f --format -o --output"),
    "catchsegv": Options(),
    "flock": options("-w -E --timeout", operands=1),
    "unbuffer": Options(),
    "watchexec": options(
        "-w -e -i -f -d -s -W -j -N -o -E --watch --exts --ignore --filter --debounce --signal"
        " --shell --watch-non-recursive --delay-run --on-busy-update --stop-signal --stop-timeout"
    ),
    "strace": options("-e -o -p -s -a -O -S -u -E -P -I -b"),
    "ltrace": options("-e -o -p -s -a -u"),
    "valgrind": Options(),
    "eatmydata": Options(),
    "xvfb-run": options("-n -s -e -f -p -w --server-args --server-num"),
    "dbus-run-session": options("--config-file --dbus-daemon"),
    "linux32": Options(),
    "linux64": Options(),
    "command": Options(),
    "builtin": Options(),
    "chronic": Options(),
    "execlineb": Options(),
    "with-contenv": Options(),
    "fdmove": options("", operands=2),
    "envdir": options("", operands=1),
    "s6-envdir": options("", operands=1),
    # entrypoints that do their own thing and then start exactly what follows
    **dict.fromkeys(ENTRYPOINTS, Options()),
    # secrets and configuration
    "vault-env": Options(),
    "secrets-init": options("-p -m"),
    "summon": options("-f -p -e -D --provider --environment --yaml", 0),
    "envconsul": options("-config -prefix -secret -consul-addr -vault-addr -log-level -upcase"),
    "dockerize": options(
        "-wait -timeout -template -stdout -stderr -wait-retry-interval -wait-http-header -delims"
        " -env -env-section -poll-interval -multiline"
    ),
    "cross-env": Options(),
    "cross-env-shell": Options(),
    # agents of others, which `webhook.vendors` finds in the whole line
    "datadog-init": Options(),
    "ddtrace-run": Options(),
    "splunk-py-trace": options(long=True),
    "opentelemetry-instrument": options(long=True),
    "elasticapm-run": options("--config"),
    "newrelic-admin": options(subcommand="run-program run-python"),
    "sw-python": options(subcommand="run"),
    "pyagent": options("-c --config-file", subcommand="run proxy"),
    # environments of a language, which hold anything
    **dict.fromkeys(
        ("conda", "mamba", "micromamba"), options("-n --name -p --prefix --cwd -a", 0, "run")
    ),
    "direnv": options("", 1, "exec"),
    **dict.fromkeys(("mise", "asdf", "nvm", "fnm", "volta", "pyenv"), options("", 0, "exec x run")),
}
"""Name → how to read its own words; what follows them is the command."""

_DASHED_NAMES = (
    "wait-for-it.sh wait-for-it wait-for wait-for.sh wait_for_it.sh wait4ports wait-port chamber"
    " doppler infisical op aws-vault berglas teller ssm-parent dotenv dotenvx gomplate vals bws"
    " akeyless phase envchain aws-env secretly wait4x dapr litefs"
)
DASHED = frozenset(_DASHED_NAMES.split())
"""Wrappers whose command stands behind `--`."""

_UV_VALUES = (
    "--with --with-editable --with-requirements --python -p --extra --group --no-group --only-group"
    " --package --directory --project --env-file --index --cache-dir --config-file -w"
)
_HOMES: dict[str, tuple[str, Options]] = {
    **{
        name: ("python", options(_UV_VALUES + " -C -P -v --venv", subcommand="run"))
        for name in ("poetry", "pipenv", "pdm", "uv", "rye", "hatch")
    },
    "uvx": ("python", options(_UV_VALUES + " --from")),
    "pipx": ("python", options("--spec --python", subcommand="run")),
}
"""Launchers that belong to a language: an unknown name behind them is one of its programs."""


def assigning(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`env`: options, assignments, command."""
    variables: dict[str, str] = {}
    cleared: str | None = None
    words = deque(argv[1:])
    while words and words[0][:1] == "-":
        word = words.popleft()
        if word in ("-i", "-", "--ignore-environment"):
            cleared = f"{name} {word} clears the environment"
        elif word in ("-u", "--unset") and words:
            variables[words.popleft()] = ""
        elif word in ("-C", "--chdir") and words:
            words.popleft()
        elif word.startswith("--unset="):
            variables[word.removeprefix("--unset=")] = ""
        elif word.startswith(("-S", "-vS", "--split-string")):
            _, _, text = word.partition("S" if word[1] != "-" else "=")
            text = text or (words.popleft() if words else "")
            words.extendleft(reversed(text.split()))
        elif word == "--":
            break
    rest = assignments(tuple(words), variables)
    return [(rest, trail.past(name, cleared).assigning(variables))]


def replacing(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`exec [-cl] [-a name] command`, which leaves no trace."""
    cleared = len(argv) > 1 and argv[1][:1] == "-" and "c" in argv[1]
    rest = command(argv, options("-a")) or ()
    return [(rest, trail.past(name, "exec -c clears the environment") if cleared else trail)]


def elevating(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`sudo`, `doas`: another user with an environment of its own."""
    rest = command(argv, options("-u -g -p -C -h -r -t -T -U -R -D --user --group --chdir --host"))
    own = argv[1 : len(argv) - len(rest or ())]
    keeps = any(
        word == "--preserve-env" or (word[:2] != "--" and word[:1] == "-" and "E" in word)
        for word in own
    )
    variables: dict[str, str] = {}
    rest = assignments(list(rest or ()), variables)
    ignores = None if keeps else f"{name} resets the environment"
    return [(rest, trail.past(name, ignores).assigning(variables))]


def switching(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`su`, `runuser`: a command line for another user's shell, or behind `--` (`runuser -u`)."""
    login = any(word in ("-", "-l", "--login", "-lc", "-cl") for word in argv[1:])
    ignores = f"{name} - starts a login shell with an environment of its own" if login else None
    behind = trail.past(name, ignores)
    script = value(argv, "-c", "--command", "-lc", "--session-command")
    if script is not None:
        return [(("sh", "-c", script), behind)]
    if name == "runuser" and value(argv, "-u", "--user") is not None:
        return [(command(argv, options("-u --user -g --group -G --supp-group")) or (), behind)]
    return [((), behind)]


def rooting(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`chroot [options] root command`: the agents' files are not below the new root."""
    rest = command(argv, options("", operands=1)) or ()
    at = len(argv) - len(rest) - 1
    root = argv[at] if 0 < at < len(argv) else "/"
    ignores = None if root == "/" else "chroot hides the agent's files"
    return [(rest, trail.past(name, ignores))]


def privileging(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`setpriv`, whose `--reset-env` clears the environment."""
    spec = options(
        "--ruid --euid --reuid --rgid --egid --regid --groups --inh-caps --ambient-caps"
        " --bounding-set --securebits --pdeathsig --selinux-label --apparmor-profile"
    )
    resets = "--reset-env" in argv
    ignores = "setpriv --reset-env resets the environment" if resets else None
    return [(command(argv, spec) or (), trail.past(name, ignores))]


def dashed(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """What stands behind `--`, or a script given by `--command`."""
    script = value(argv, "--command") if name in ("doppler", "infisical") else None
    rest = ("sh", "-c", script) if script else after_dashes(argv)
    return [(rest, trail.past(name))]


def templating(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`consul-template -exec "command"`, `envconsul -exec …`, `litestream replicate -exec …`."""
    script = value(argv, "-exec", "--exec")
    if script is not None:
        return [(("sh", "-c", script), trail.past(name))]
    if name != "envconsul":
        return None
    return [(command(argv, PREFIXES[name]) or (), trail.past(name))]


def decrypting(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`sops exec-env file "command"`, which a shell reads; any other use is sops itself."""
    rest = command(argv, options("--user --input-type --output-type", 1, "exec-env exec-file"))
    return [(("sh", "-c", rest[0]), trail.past(name))] if rest else None


def locking(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`consul lock prefix command`; any other use is Consul itself."""
    valued = "-name -n -monitor-retry -timeout -child-exit-code -http-addr -token -datacenter"
    rest = command(argv, options(valued, 1, "lock"))
    return [(("sh", "-c", " ".join(rest)), trail.past(name))] if rest else None


def launching(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`poetry run x`: an unknown x is a program of the launcher's language."""
    language, spec = _HOMES[name]
    rest = command(argv, spec)
    if rest is None:
        return None
    behind = trail.past(f"{name} run" if spec.subcommand else name)
    if name == "uv" and {"-m", "--module"} & set(argv[2 : len(argv) - len(rest)]):
        rest = ("python", "-m", *rest)
    return [(rest, behind.within(language))]


def busy(_name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """`busybox sh …`: the applet's own name says what it is."""
    return [(argv[1:], trail)] if argv[1:2] and argv[1] in ("sh", "ash", "env", "nice") else None


def plain(name: str, argv: Sequence[str], trail: Trail) -> Step | None:
    """Any of `PREFIXES`."""
    rest = command(argv, PREFIXES[name])
    if rest is None:
        return None
    behind = trail.past(name)
    if name == "docker-entrypoint.sh" and rest and rest[0].endswith((".js", ".mjs", ".cjs")):
        # Node.js' and Bun's images put their own runtime in front of a script.
        behind = behind.doubting()
    variables: dict[str, str] = {}
    if name.startswith("cross-env"):
        rest = assignments(list(rest), variables)
    return [(rest, behind.assigning(variables))]


WRAPPERS: Mapping[str, Wrapper] = {
    **dict.fromkeys(PREFIXES, plain),
    **dict.fromkeys(DASHED, dashed),
    **dict.fromkeys(_HOMES, launching),
    "env": assigning,
    "exec": replacing,
    "sudo": elevating,
    "doas": elevating,
    "su": switching,
    "runuser": switching,
    "chroot": rooting,
    "setpriv": privileging,
    "consul-template": templating,
    "envconsul": templating,
    "litestream": templating,
    "sops": decrypting,
    "consul": locking,
    "busybox": busy,
}
