"""What is kept of a command line, and what never is."""

import pytest

from nodeagent.observing.commandline import kept

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("language", "line", "expected"),
    [
        ("java", "java -Xmx1g -jar /app/cart.jar --password=hunter2", "-jar /app/cart.jar"),
        ("java", "java -cp hunter2:x.jar -Dtoken=hunter2 dev.acme.Main hunter2", "dev.acme.Main"),
        ("java", "java @arguments -m acme/dev.acme.Main hunter2", "-m acme/dev.acme.Main"),
        ("java", "java Main.java", "Main.java"),
        ("java", "java -version", ""),
        ("java", "java -jar", ""),
        ("python", "python3 -X dev -u app.py hunter2", "app.py"),
        ("python", "python3 /venv/bin/gunicorn --bind=:8000 app:hunter2", "/venv/bin/gunicorn"),
        ("python", "python -m flask run --password hunter2", "-m flask"),
        ("python", "python -c hunter2", ""),
        ("python", "python -W hunter2 -c hunter2", ""),
        ("python", "python app=hunter2", ""),
        ("nodejs", "node -r ./hunter2 --max-old-space-size=9 server.js hunter2", "server.js"),
        ("nodejs", "node node_modules/@acme/x/cli.js hunter2", "node_modules/@acme/x/cli.js"),
        ("nodejs", "node -e hunter2", ""),
        ("nodejs", "node https://me:hunter2@example.com/x.js", ""),
        ("nodejs", "node me:hunter2@example.com", ""),
        ("dotnet", "dotnet exec --depsfile hunter2 Shop.dll --key hunter2", "Shop.dll"),
        ("dotnet", "./Shop --key hunter2", ""),
        ("go", "/shop --key hunter2", ""),
        (None, "nginx hunter2", ""),
    ],
)
def test_what_is_kept(language: str | None, line: str, expected: str) -> None:
    """The program by its own path, and what it runs; no option, no argument."""
    found = kept("/usr/bin/program", line.split(), language)

    assert found == ("/usr/bin/program", *expected.split())
    assert not any(SECRET in word for word in found)


@pytest.mark.parametrize(
    "argv",
    [
        ["gunicorn: master [app] hunter2"],
        ["x", "a b\nc hunter2"],
        ["x", "hunter2'; drop"],
        ["x", "h\ufffdunter2"],
        ["x", "x" * 300],
        ["x", ""],
        [""],
        [],
    ],
)
def test_what_is_no_plain_word(argv: list[str]) -> None:
    """Titles that processes give themselves, and hostile words, are not kept."""
    assert kept("/x", argv, "python") == ("/x",)


def test_hostile_paths() -> None:
    """A path is one short line of ordinary characters, whatever its file is called."""
    (found,) = kept("/a\nb\x1b[31m\x9b" + "c" * 1000, [], None)

    assert found.startswith("/a\ufffdb\ufffd[31m\ufffdc")
    assert len(found) == 256
