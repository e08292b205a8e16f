"""Entry scripts of well-known images, in shape: what they start is told by what they do."""

import pytest

from tests.webhook.images.layers.elves import NOTE_OF_GO, build_information, elf
from tests.webhook.images.layers.surveys import Layer, deciding, feed, program, surveyed, text
from webhook.images.layers import Start, Survey

GO = elf(note=NOTE_OF_GO, data=build_information())
RUST = elf(interpreter="/lib64/ld-linux-x86-64.so.2", names=b"\0libc.so.6\0")
ENTRY = "usr/local/bin/docker-entrypoint.sh"
AS_USER = 'if [ "$(id -u)" = 0 ]; then exec gosu app "$0" "$@"; fi\n'


def entry(script: str, path: str = ENTRY, shell: str = "/bin/sh") -> Layer:
    """A layer with an entry script alone."""
    return [program(path, f"#!{shell}\nset -e\n{script}")]


# (id, command line, layers from the top, languages that are decided on)
CASES: list[tuple[str, list[str], list[Layer], list[str]]] = [
    (
        "a configuration's name as the argument",
        ["/entrypoint.sh", "/etc/c.yml"],
        [
            entry('case "$1" in *.yml) set -- acme serve "$@" ;; esac\nexec "$@"', "entrypoint.sh"),
            [text("etc/c.yml")],
            [program("bin/acme", GO)],
        ],
        ["go"],
    ),
    (
        "a subcommand as the argument",
        ["docker-entrypoint.sh", "server", "-dev"],
        [
            entry('if [ "$1" = server ]; then shift; set -- acme server "$@"; fi\nexec "$@"'),
            [program("bin/acme", GO)],
        ],
        ["go"],
    ),
    (
        "behind tini in its first line",
        ["docker-entrypoint.sh", "server"],
        [
            entry('[ "$1" = server ] && set -- acme "$@"\nexec "$@"', shell="/bin/tini /bin/sh"),
            [program("bin/acme", GO)],
        ],
        ["go"],
    ),
    (
        "options as the arguments, as another user",
        ["docker-entrypoint.sh", "--port", "80"],
        [
            entry('if [ "${1#-}" != "$1" ]; then set -- acme "$@"; fi\n' + AS_USER + 'exec "$@"'),
            [program("bin/acme", GO)],
        ],
        ["go"],
    ),
    (
        "a word that only the script knows",
        ["/bin/tini", "--", "docker-entrypoint.sh", "eswrapper"],
        [
            entry(
                'if [ "$1" = eswrapper ]; then exec /opt/acme/bin/run; fi\n'
                'exec /opt/acme/bin/run "$@"'
            ),
            [program("opt/acme/bin/run", '#!/bin/bash\nexec "$JAVA" $OPTS acme.Main "$@"\n')],
        ],
        ["java"],
    ),
    (
        "a script that calls the next one",
        ["/entrypoint.sh", "web"],
        [
            entry('exec docker-entrypoint.sh "$@"', "entrypoint.sh"),
            entry('case "$1" in web) exec gunicorn shop:app ;; *) exec "$@" ;; esac'),
        ],
        ["python"],
    ),
    (
        "the program's name as it stands",
        ["docker-entrypoint.sh", "acme"],
        [[program("usr/bin/acme", GO)], entry('main() { exec "$@"; }\nmain "$@"')],
        ["go"],
    ),
    (
        "branches of two languages",
        ["docker-entrypoint.sh", "acme"],
        [
            entry('if [ -n "$FRONT" ]; then set -- node front.js; fi\nexec "$@"'),
            [program("usr/bin/acme", GO)],
        ],
        ["nodejs", "go"],
    ),
    (
        "a branch that is not known",
        ["docker-entrypoint.sh", "acme"],
        [
            entry('if [ -n "$FRONT" ]; then exec node x.js; fi\n[ "$A" ] && exec "$B"\nexec "$@"'),
            [program("usr/bin/acme", GO)],
        ],
        [],
    ),
    (
        "two programs, one of them of nobody's",
        ["docker-entrypoint.sh", "run"],
        [
            entry('if [ "$X" ]; then set -- acme; else set -- other; fi\nexec "$@"'),
            [program("bin/acme", GO), program("bin/other", RUST)],
        ],
        [],
    ),
    (
        "in front of a supervisor",
        ["docker-entrypoint.sh", "s6-svscan", "/etc/s6"],
        [entry('[ "$X" ] && exec acme; exec "$@"'), [program("bin/acme", GO)]],
        [],
    ),
    (
        "itself and nothing else",
        ["docker-entrypoint.sh", "acme-x"],
        [entry('exec gosu app "$0" "$@"')],
        [],
    ),
    (
        "itself with more and more words",
        ["docker-entrypoint.sh", "acme-x"],
        [entry('set -- x "$@"\nexec "$0" "$@"')],
        [],
    ),
]


@pytest.mark.parametrize(
    ("argv", "layers", "expected"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_entry_scripts(argv: list[str], layers: list[Layer], expected: list[str]) -> None:
    """What a script's parameters make of it decides, and only where every branch is known."""
    found = surveyed(argv, *layers)

    assert set(deciding(found)) == set(expected)
    assert found.language == (expected[0] if len(expected) == 1 else None)


def test_it_ends_at_the_program() -> None:
    """With the script read, its program's file is the last thing that is wanted."""
    survey = Survey(Start(("docker-entrypoint.sh", "server")))
    for member in entry('set -- acme "$@"\nexec "$@"'):
        feed(survey, member)
    survey.end_layer()

    assert not survey.is_decided()
    feed(survey, program("usr/bin/acme", GO))
    assert survey.is_decided()
    assert survey.findings.language == "go"
