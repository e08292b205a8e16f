import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from certs.authority import Authority, Leaf
from certs.directory import CertificateFileError, Directory

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = ("localhost", "127.0.0.1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A directory that is not there yet."""
    return tmp_path / "new" / "certs"


def read(path: Path) -> dict[str, bytes]:
    """All files of a directory by name."""
    return {file.name: file.read_bytes() for file in path.iterdir()}


def test_first_use_creates_everything(path: Path) -> None:
    """The directory, an authority and a leaf are made; nothing else is left behind."""
    leaf = Directory(path).ensure(NAMES, NOW)

    assert {"ca.crt", "ca.key", "tls.crt", "tls.key"} == set(read(path))
    assert leaf.covers(NAMES)
    assert leaf.authority == Directory(path).authority_file.read_bytes()


def test_keys_are_for_their_owner_only(path: Path) -> None:
    """Keys have mode 0600, certificates may be read by all."""
    Directory(path).ensure(NAMES, NOW)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()}

    assert modes == {"ca.crt": 0o644, "ca.key": 0o600, "tls.crt": 0o644, "tls.key": 0o600}


def test_second_use_changes_nothing(path: Path) -> None:
    """A fresh leaf for the same names is used again."""
    first = Directory(path).ensure(NAMES, NOW)
    before = read(path)

    assert first == Directory(path).ensure(NAMES, NOW + timedelta(days=10))
    assert before == read(path)


@pytest.mark.parametrize(
    ("names", "days"),
    [
        pytest.param((*NAMES, "other.example"), 0, id="another name"),
        pytest.param(NAMES, 25, id="near its end"),
        pytest.param(NAMES, 60, id="expired"),
    ],
)
def test_new_leaf_of_the_same_authority(path: Path, names: tuple[str, ...], days: int) -> None:
    """A leaf that does not do any more is replaced; nobody has to trust a new authority."""
    before = Directory(path).ensure(NAMES, NOW)
    now = NOW + timedelta(days=days)

    leaf = Directory(path).ensure(names, now)

    assert leaf.certificate != before.certificate
    assert before.authority == leaf.authority
    assert leaf.covers(names)
    assert leaf.is_fresh(now)


def test_old_authority_is_replaced(path: Path) -> None:
    """An authority that cannot cover a whole leaf gives way to a new one."""
    before = Directory(path).ensure(NAMES, NOW)
    now = NOW + timedelta(days=350)

    leaf = Directory(path).ensure(NAMES, now)

    assert leaf.authority != before.authority
    assert leaf.is_fresh(now)
    assert leaf == Directory(path).ensure(NAMES, now)


def test_half_written_pair_is_mended(path: Path) -> None:
    """A crash between key and certificate leaves a pair that does not fit: it is written anew."""
    directory = Directory(path)
    directory.ensure(NAMES, NOW)
    authority = Authority((path / "ca.crt").read_bytes(), (path / "ca.key").read_bytes())
    (path / "tls.key").write_bytes(authority.issue(NAMES, NOW).key)

    leaf = directory.ensure(NAMES, NOW)

    assert leaf.key == (path / "tls.key").read_bytes()
    assert leaf.certificate == (path / "tls.crt").read_bytes()


def given(path: Path, leaf: Leaf, *, with_authority: bool) -> None:
    """What somebody else put into the directory."""
    path.mkdir(parents=True)
    (path / "tls.crt").write_bytes(leaf.certificate)
    (path / "tls.key").write_bytes(leaf.key)
    if with_authority:
        (path / "ca.crt").write_bytes(leaf.authority)


@pytest.mark.parametrize(
    "with_authority", [pytest.param(True, id="ca"), pytest.param(False, id="-")]
)
def test_given_certificate_is_used_and_never_written(path: Path, with_authority: bool) -> None:
    """Without a CA key the certificate is somebody else's: used as it is."""
    given(path, Authority.create(NOW).issue(NAMES, NOW), with_authority=with_authority)
    before = read(path)

    leaf = Directory(path).ensure(["localhost"], NOW + timedelta(days=29))

    assert before["tls.crt"] == leaf.certificate
    assert before == read(path)
    assert bool(leaf.authority) == with_authority


@pytest.mark.parametrize(
    ("names", "days", "said"),
    [
        pytest.param(NAMES, 31, "tls.crt: valid until 2026-12-23 12:00 UTC only", id="expired"),
        pytest.param(
            ("localhost", "b.example"), 0, "tls.crt: is not for b.example", id="other name"
        ),
    ],
)
def test_given_certificate_that_does_not_do(
    path: Path, names: tuple[str, ...], days: int, said: str
) -> None:
    """Somebody else's certificate that does not do is an error, not overwritten."""
    given(path, Authority.create(NOW).issue(NAMES, NOW), with_authority=True)
    before = read(path)

    with pytest.raises(CertificateFileError) as raised:
        Directory(path).ensure(names, NOW + timedelta(days=days))

    assert str(raised.value) == f"{path}/{said}"
    assert before == read(path)


@pytest.mark.parametrize("name", ["ca.crt", "ca.key", "tls.crt", "tls.key"])
@pytest.mark.parametrize("content", [b"", b"-----BEGIN NONSENSE-----\n"], ids=["empty", "nonsense"])
def test_broken_file_is_named(path: Path, name: str, content: bytes) -> None:
    """A file that cannot be read as what it should be is named, and nothing is overwritten."""
    Directory(path).ensure(NAMES, NOW)
    (path / name).write_bytes(content)
    before = read(path)

    with pytest.raises(CertificateFileError, match=name.replace(".", r"\.")):
        Directory(path).ensure(NAMES, NOW)

    assert before == read(path)


def test_foreign_leaf_is_not_overwritten(path: Path) -> None:
    """A leaf of another authority beside our CA key is somebody's mistake, and reported."""
    Directory(path).ensure(NAMES, NOW)
    foreign = Authority.create(NOW).issue(NAMES, NOW)
    (path / "tls.crt").write_bytes(foreign.certificate)

    with pytest.raises(CertificateFileError, match=r"tls\.crt: was not issued by ca\.crt"):
        Directory(path).ensure(NAMES, NOW)


def test_missing_key_of_a_given_certificate(path: Path) -> None:
    """A certificate without its key names the missing file."""
    given(path, Authority.create(NOW).issue(NAMES, NOW), with_authority=True)
    (path / "tls.key").unlink()

    with pytest.raises(CertificateFileError, match=r"tls\.key: No such file"):
        Directory(path).ensure(NAMES, NOW)


def test_directory_that_cannot_be_made(tmp_path: Path) -> None:
    """Where a file stands in the way, the error names what could not be written."""
    (tmp_path / "file").write_text("")

    with pytest.raises(CertificateFileError, match="file/certs"):
        Directory(tmp_path / "file" / "certs").ensure(NAMES, NOW)
