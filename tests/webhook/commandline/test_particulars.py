"""What a command line tells beside the program: version, variables, the way to it."""

import pytest

from webhook.commandline import Kind, programs


@pytest.mark.parametrize(
    ("argv", "version"),
    [
        pytest.param(("python3.11", "x.py"), "3.11", id="python3.11"),
        pytest.param(("/usr/bin/python3.13t", "x.py"), "3.13", id="free-threaded"),
        pytest.param(("/opt/python/3.12.4/bin/python3", "x.py"), None, id="other layout"),
        pytest.param(("/opt/python3.12/bin/python", "x.py"), "3.12", id="python in a path"),
        pytest.param(("python3", "x.py"), None, id="python3"),
        pytest.param(("python2", "x.py"), "2", id="python2"),
        pytest.param(("python2.7", "x.py"), "2.7", id="python2.7"),
        pytest.param(("/usr/lib/jvm/java-17-openjdk/bin/java",), "17", id="java-17-openjdk"),
        pytest.param(("/usr/lib/jvm/java-1.8.0-openjdk/bin/java",), "8", id="java-1.8.0"),
        pytest.param(("/usr/lib/jvm/zulu11/bin/java",), "11", id="zulu11"),
        pytest.param(("/opt/jdk-21.0.2+13/bin/java",), "21", id="jdk-21.0.2"),
        pytest.param(("/opt/java/openjdk/bin/java",), None, id="no version in the path"),
        pytest.param(("java", "-cp", "/java-11/x"), None, id="not the program's own path"),
        pytest.param(("/opt/nvm/versions/node/v18.19.0/bin/node",), "18.19.0", id="nvm"),
        pytest.param(("node18", "x.js"), "18", id="node18"),
        pytest.param(("node", "x.js"), None, id="node"),
        pytest.param(("gunicorn", "x:y"), None, id="gunicorn"),
    ],
)
def test_versions_stand_in_names_and_paths(argv: tuple[str, ...], version: str | None) -> None:
    """A version is read where packages put it, and nothing is made up where they do not."""
    assert programs(argv)[0].version == version


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        pytest.param(("python", "-I", "x.py"), "python -I", id="-I"),
        pytest.param(("python3.12", "-Es", "x.py"), "python -E", id="-Es"),
        pytest.param(("python", "-uIS", "x.py"), "python -I", id="-uIS"),
        pytest.param(("python", "-W", "ignore", "-S", "x.py"), "python -S", id="-W ignore -S"),
        pytest.param(("uwsgi", "--no-site"), "uwsgi --no-site", id="uwsgi"),
        pytest.param(("./app.pex",), "PEX", id="pex"),
        pytest.param(("env", "-i", "python", "x.py"), "env -i", id="env -i"),
        pytest.param(("sudo", "-u", "app", "java", "-jar", "x"), "sudo", id="sudo"),
        pytest.param(("su", "-", "app", "-c", "java -jar x"), "su -", id="su -"),
        pytest.param(("chroot", "/host", "java", "-jar", "x"), "chroot", id="chroot"),
        pytest.param(("setpriv", "--reset-env", "java"), "setpriv", id="setpriv"),
        pytest.param(("sh", "-c", "exec -c java -jar x"), "exec -c", id="exec -c"),
        pytest.param(("elasticsearch",), "unsets JAVA_TOOL_OPTIONS", id="elasticsearch"),
        pytest.param(("tini", "env", "-", "sh", "-c", "python x.py"), "env -", id="nested"),
    ],
)
def test_what_would_not_read_injected_variables_is_told(argv: tuple[str, ...], part: str) -> None:
    """Isolated interpreters and cleared environments say why variables do not arrive."""
    assert part in (programs(argv)[0].ignores or "")


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(("python", "-u", "-B", "x.py", "-I"), id="flag of the script"),
        pytest.param(("python", "-m", "shop", "-E"), id="flag of the module"),
        pytest.param(("python", "-c", "print()", "-S"), id="flag of the text"),
        pytest.param(("python", "-WIgnore", "x.py"), id="value of a flag"),
        pytest.param(("python", "-X", "importtime", "-sP", "x.py"), id="harmless flags"),
        pytest.param(("sudo", "-E", "java", "-jar", "x"), id="sudo -E"),
        pytest.param(("su", "app", "-c", "java -jar x"), id="su"),
        pytest.param(("env", "A=b", "java", "-jar", "x"), id="env"),
        pytest.param(("chroot", "--userspec=1", "/", "java"), id="chroot /"),
        pytest.param(("gosu", "app", "java", "-jar", "x"), id="gosu"),
        pytest.param(("sh", "-c", "exec java -client -jar x"), id="exec java -client"),
    ],
)
def test_what_reads_injected_variables_says_nothing(argv: tuple[str, ...]) -> None:
    """Flags of the program itself, and wrappers that keep the environment, are no reason."""
    assert programs(argv)[0].ignores is None


def test_what_was_looked_through_is_named_from_outside_in() -> None:
    """Evidence can name the wrappers."""
    (program,) = programs(["tini", "--", "sh", "-c", "exec gosu app java -jar x.jar"])

    assert program.through == ("tini", "sh -c", "gosu")
    assert program.argv == ("java", "-jar", "x.jar")
    assert program.name == "java"
    assert program.kind is Kind.LANGUAGE


def test_assignments_in_the_line_are_kept() -> None:
    """What a line sets for its program can hide injected variables, or show an agent."""
    line = "export A=1 B='x y'; C=3; unset D; E=\"$F\" exec env -u G H=4 python x.py"
    (program,) = programs(["sh", "-c", line])

    expected = {"A": "1", "B": "x y", "C": "3", "D": "", "E": "$F", "G": "", "H": "4"}
    assert dict(program.assigned) == expected


def test_an_assignment_belongs_to_its_own_command() -> None:
    """`A=1 x & y` sets A for x alone."""
    first, second = programs(["sh", "-c", "A=1 python a.py & node b.js"])

    assert (first.name, dict(first.assigned)) == ("node", {})
    assert (second.name, dict(second.assigned)) == ("python", {"A": "1"})
