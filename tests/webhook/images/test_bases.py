import json
import pkgutil
import re

from webhook.images import bases
from webhook.images.bases import of_layers
from webhook.images.configuration import read
from webhook.languages import BY_NAME
from webhook.model import Evidence, Source

TRIXIE = "sha256:26c307b5e35a59ce911f5fde5b9458120ec8734e831ea2da5649a9ad14abfd3d"
CERTIFICATES = "sha256:5a31db4cd47898e862a567028aa41f7a11d814cf69be6904173402a8b8eac5cb"
PYTHON = "sha256:c85ad0bcaca895afa08053538ec1ea7642c7e9e05f5684d18e3627a2316ca8ae"
LINKS = "sha256:b3c7a9bdb4f2a30d0a1358438d1539c06b86da99135cfd9d92756863cc87ae18"
EMPTY = "sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1"
CORRETTO = "sha256:94e429cad56b9afbc4ffdc2f71ce461fae11548af2f93f38c271a6e3b0f5fa5a"
APPLICATION = f"sha256:{'ab' * 32}"


def _rows() -> list[list[str | None]]:
    content = pkgutil.get_data("webhook.images", "bases.json")
    assert content
    rows: list[list[str | None]] = json.loads(content)
    return rows


def test_a_python_on_debian() -> None:
    """The language's base comes before the distribution, which tells the C library alone."""
    fact = "built on python:3.12-slim (its layer sha256:c85ad0bcaca8…)"
    below = "built on debian:trixie-slim (its layer sha256:26c307b5e35a…)"

    assert of_layers([TRIXIE, CERTIFICATES, PYTHON, LINKS, APPLICATION]) == (
        Evidence(Source.IMAGE, fact, "python", "3.12.13", "glibc"),
        Evidence(Source.IMAGE, below, libc="glibc"),
    )


def test_a_base_that_says_nothing_of_its_version() -> None:
    """Corretto on Alpine has no variable with Java's version; its layer is this one's."""
    (piece,) = of_layers([CORRETTO])

    assert (piece.language, piece.version, piece.libc) == ("java", "21.0.12", "musl")


def test_layers_of_nobody_known() -> None:
    """Somebody's own layers, and the empty one that half of all images have, tell nothing."""
    assert of_layers([APPLICATION, EMPTY, "", "sha256:", PYTHON.upper()]) == ()


def test_what_is_said_twice() -> None:
    """A layer that stands twice is one piece of evidence."""
    assert len(of_layers([PYTHON, PYTHON])) == 1


def test_the_table_is_sound() -> None:
    """Sorted, each layer once, each row a language of ours, of others, or a C library alone."""
    rows = _rows()
    digits = [row[4] or "" for row in rows]

    assert rows == sorted(rows, key=lambda row: [field or "" for field in row])
    assert len(set(digits)) == len(digits) >= 40
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in digits)
    assert EMPTY.removeprefix("sha256:") not in digits
    for image, language, version, libc, _ in rows:
        assert image
        assert libc in {"glibc", "musl"}
        assert language is None or language in BY_NAME or language.startswith("~")
        assert bool(version) == bool(language)


def test_it_is_read_when_it_is_needed() -> None:
    """The table is not read by the import, and read once."""
    bases._table.cache_clear()
    of_layers([])
    of_layers([PYTHON])

    assert bases._table.cache_info().misses == 1


def test_a_base_in_a_configuration() -> None:
    """What layers prove stands beside what the configuration says, under the same doubts."""
    server = {"created_by": "COPY /out/gateway /usr/local/bin/ # buildkit"}
    plain = read({"config": {"Cmd": ["./start.sh"]}}, [TRIXIE, PYTHON])
    copied = read({"config": {"Cmd": ["gateway"]}, "history": [server]}, [TRIXIE, PYTHON])

    assert [piece.language for piece in plain.evidence if piece.decides] == ["python", None]
    assert [piece.language for piece in copied.evidence if piece.decides] == [None]
