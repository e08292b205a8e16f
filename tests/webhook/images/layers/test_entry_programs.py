"""What entry programs are, on the shapes of images as people build them."""

import pytest

from tests.webhook.images.layers.elves import NOTE_OF_GO, build_information, elf
from tests.webhook.images.layers.surveys import (
    Layer,
    deciding,
    files,
    hard,
    link,
    program,
    surveyed,
    text,
)

GLIBC = "/lib64/ld-linux-x86-64.so.2"
MUSL = "/lib/ld-musl-x86_64.so.1"
GO = elf(note=NOTE_OF_GO, data=build_information())
RUST = elf(interpreter=GLIBC, names=b"\0libgcc_s.so.1\0libc.so.6\0")
APPHOST = elf(interpreter=GLIBC, data=b"\0hostfxr_main_startupinfo\0libhostfxr.so\0")
BUNDLE = elf(interpreter=MUSL, names=b"\0g_dacTable\0DotNetRuntimeInfo\0")
AHEAD = elf(interpreter=GLIBC, names=b"\0libm.so.6\0DotNetRuntimeDebugHeader\0")
GRAAL = elf(interpreter=GLIBC, names=b"\0libz.so.1\0__svm_version_info\0")
PACKED = elf()[:0x100].ljust(0x140, b"\0") + b"UPX!" + bytes(0x2000)

# (id, command line, layers from the top, languages that are decided on)
CASES: list[tuple[str, list[str], list[Layer], list[str]]] = [
    ("Go on scratch", ["/server"], [[program("server", GO)]], ["go"]),
    (
        "Go, stripped of its note",
        ["/app/x"],
        [[program("app/x", elf(data=build_information()))]],
        ["go"],
    ),
    ("Go, with a note alone", ["/app/x"], [[program("app/x", elf(note=NOTE_OF_GO))]], ["go"]),
    ("Go behind PATH", ["orders"], [[program("usr/local/bin/orders", GO)]], ["go"]),
    ("Go behind tini", ["/sbin/tini", "--", "/app/x"], [[program("app/x", GO)]], ["go"]),
    ("Go that runs Python", ["/app/x", "python", "main.py"], [[program("app/x", GO)]], []),
    ("Go that runs a jar", ["/app/x", "--", "/app/y.jar"], [[program("app/x", GO)]], []),
    (
        "gosu by another name",
        ["/bin/as", "app"],
        [[program("bin/as", elf(data=build_information(path="github.com/tianon/gosu")))]],
        [],
    ),
    ("the buildpacks' launcher", ["/cnb/process/web"], [[program("cnb/process/web", GO)]], []),
    (
        "a script in Python that prepares",
        ["/entrypoint.py"],
        [[program("entrypoint.py", "#!/usr/bin/python3\nos.execv('start.sh', [])\n")]],
        [],
    ),
    (
        "a script in Python",
        ["/app/serve.py"],
        [[program("app/serve.py", "#!/usr/bin/env python3\nimport x\n")]],
        [],
    ),
    ("Rust", ["/app/server"], [[program("app/server", RUST)]], []),
    ("packed by UPX", ["/app/server"], [[program("app/server", PACKED)]], []),
    ("GraalVM", ["./application"], [[program("work/application", GRAAL)]], ["~native"]),
    (".NET, ahead of time", ["/app/api"], [[program("app/api", AHEAD)]], ["~native"]),
    (".NET's host", ["/app/api"], [[program("app/api", APPHOST)]], ["dotnet"]),
    (".NET in one file", ["/app/api"], [[program("app/api", BUNDLE)]], ["dotnet"]),
    (
        ".NET beside its list of libraries",
        ["/app/Api"],
        [[program("app/Api", RUST), *files("app/Api.dll", "app/Api.deps.json")]],
        ["dotnet"],
    ),
    (
        "a program beside another one's list",
        ["/app/Api"],
        [[program("app/Api", RUST), *files("app/Tool.dll", "app/Tool.deps.json")]],
        [],
    ),
    (
        "jpackage",
        ["/opt/shop/bin/Shop"],
        [[program("opt/shop/bin/Shop", RUST), *files("opt/shop/lib/app/Shop.cfg")]],
        ["java"],
    ),
    (
        "a console script of Python",
        ["shop"],
        [[program("usr/local/bin/shop", "#!/usr/local/bin/python3.12\nimport shop\n")]],
        ["python"],
    ),
    (
        "a console script of a virtual environment",
        ["/app/venv/bin/shop"],
        [[program("app/venv/bin/shop", "#!/app/venv/bin/python\nimport shop\n")]],
        ["python"],
    ),
    (
        "a console script whose interpreter has a long path",
        ["shop"],
        [
            [
                program(
                    "usr/local/bin/shop",
                    "#!/bin/sh\n'''exec' /o/bin/python3 \"$0\" \"$@\"\n' '''\n",
                )
            ]
        ],
        ["python"],
    ),
    (
        "a command of a Node.js package",
        ["shop"],
        [
            [
                link("usr/local/bin/shop", "../lib/node_modules/shop/bin/run"),
                program("usr/local/lib/node_modules/shop/bin/run", "#!/usr/bin/env node\n1\n"),
            ]
        ],
        ["nodejs"],
    ),
    (
        "a command of a package, its script below",
        ["shop"],
        [[link("usr/local/bin/shop", "../lib/node_modules/shop/bin/run.js")]],
        ["nodejs"],
    ),
    (
        "env -S",
        ["/app/x"],
        [[program("app/x", "#!/usr/bin/env -S node --no-warnings\n")]],
        ["nodejs"],
    ),
    ("Ruby", ["/app/bin/rails"], [[program("app/bin/rails", "#!/usr/bin/env ruby\n")]], []),
    (
        "Ruby, a name of its own",
        ["/app/x"],
        [[program("app/x", "#!/usr/bin/env ruby\n")]],
        ["~Ruby"],
    ),
    ("PHP", ["/app/x"], [[program("app/x", "#!/usr/bin/php8.2\n<?php\n")]], ["~PHP"]),
    ("Perl", ["/app/x"], [[program("app/x", "#!/usr/bin/perl -w\n")]], ["~Perl"]),
    ("Bun", ["/app/x"], [[program("app/x", "#!/usr/bin/env bun\n")]], ["~Bun"]),
    (
        "a shell script before a jar",
        ["/entrypoint.sh"],
        [
            [
                program(
                    "entrypoint.sh", "#!/bin/sh\nset -e\nmkdir -p /data\nexec java -jar /app.jar\n"
                )
            ]
        ],
        ["java"],
    ),
    (
        "a shell script before its arguments",
        ["/begin", "gunicorn", "shop:app"],
        [[program("begin", '#!/bin/bash\nset -e\nexec "$@"\n')]],
        ["python"],
    ),
    (
        "a script without mode or first line",
        ["sh", "run.sh"],
        [[text("srv/run.sh", "node server.js\n")]],
        ["nodejs"],
    ),
    (
        "Gradle's start script",
        ["/opt/shop/bin/shop"],
        [
            [
                program(
                    "opt/shop/bin/shop", '#!/bin/sh\nif [ x ] ; then\nfi )\nexec "$JAVACMD" "$@"\n'
                )
            ]
        ],
        ["java"],
    ),
    (
        "a script before a program",
        ["/start.sh"],
        [[program("start.sh", "#!/bin/sh\nexec /app/server\n"), program("app/server", GO)]],
        ["go"],
    ),
    (
        "a script that goes elsewhere first",
        ["/start.sh"],
        [[program("start.sh", "#!/bin/sh\ncd /x\nexec ./server\n"), program("srv/server", GO)]],
        [],
    ),
    (
        "a script of either",
        ["/start.sh"],
        [[program("start.sh", "#!/bin/sh\nif [ $A ]; then exec java -jar a.jar; fi\nexec $B\n")]],
        [],
    ),
    (
        "a script of two languages",
        ["/start.sh"],
        [[program("start.sh", "#!/bin/sh\njava -jar a.jar &\nexec node b.js\n")]],
        ["nodejs", "java"],
    ),
    (
        "a script that calls itself",
        ["/start.sh"],
        [[program("start.sh", "#!/bin/sh\nexec /start.sh\n")]],
        [],
    ),
    (
        "a script that starts a supervisor",
        ["/start.sh"],
        [[program("start.sh", "#!/bin/sh\nexec supervisord -n\n")]],
        [],
    ),
    (
        "a script that is too long to be read",
        ["/start.sh"],
        [[program("start.sh", "#!/bin/sh\nexec java -jar a.jar\n" + "#" * 40_000)]],
        [],
    ),
    (
        "a link to what a buildpack compiled",
        ["/app/run"],
        [[link("app/run", "/workspace/com.example.shop.Application")]],
        ["~native"],
    ),
    ("nginx", ["/start.sh"], [[program("start.sh", "#!/bin/sh\nexec nginx\n")]], ["~nginx"]),
    (
        "a supervisor in Python",
        ["supervisord"],
        [[program("usr/bin/supervisord", "#!/usr/bin/python3\n")]],
        [],
    ),
    (
        "a link to an interpreter",
        ["/app/run"],
        [[link("app/run", "/usr/bin/python3.11")]],
        ["python"],
    ),
    ("a link to busybox", ["/app/run"], [[link("app/run", "/bin/busybox")]], ["~busybox"]),
    (
        "a hard link",
        ["/app/run"],
        [[hard("app/run", "app/server-amd64"), program("app/server-amd64", GO)]],
        ["go"],
    ),
    ("a loop of links", ["/app/run"], [[link("app/run", "walk"), link("app/walk", "run")]], []),
    ("data", ["/app/run"], [[program("app/run", b"\0\1\2")]], []),
    ("nothing", ["/app/run"], [[]], []),
    ("no command", [], [[program("app/run", GO)]], []),
    ("an application and no program", ["/app/run"], [files("app/app.jar")], []),
]


@pytest.mark.parametrize(
    ("argv", "layers", "expected"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_language(argv: list[str], layers: list[Layer], expected: list[str]) -> None:
    """The entry program's file tells its language, and only where it is sure."""
    directory = "/work" if argv[:1] == ["./application"] else "/srv"

    assert deciding(surveyed(argv, *layers, working_directory=directory)) == expected


def test_facts_of_go() -> None:
    """Build information has the toolchain's version and the main package's path."""
    findings = surveyed(["/server"], [program("server", GO)])

    assert (findings.version, findings.module, findings.libc) == (
        "1.26.1",
        "example.com/orders",
        None,
    )
    assert findings.architecture == "amd64"
    assert findings.evidence[0].fact == "/server is a Go program (example.com/orders)"


def test_marks() -> None:
    """What compiled a program ahead of time is named, and what packed it."""
    assert surveyed(["/a/x"], [program("a/x", GRAAL)]).native == "GraalVM"
    assert surveyed(["/a/x"], [program("a/x", AHEAD)]).native == ".NET's native AOT"
    assert surveyed(["/a/x"], [program("a/x", PACKED)]).is_packed


def test_hints() -> None:
    """An image that does not tell its program says what it holds, and nothing that decides."""
    layer = files("app/app.jar", "app/node_modules/x/index.js", "app/BOOT-INF/classes/x")
    findings = surveyed(["/app/run"], layer)

    assert findings.language is None
    assert [(e.language, e.decides) for e in findings.evidence] == [
        ("java", False),
        ("nodejs", False),
    ]
