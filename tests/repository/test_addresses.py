import re
from pathlib import Path

import pytest

from tests.repository.tracked import text_of, tracked

# In parts, so that this file does not name what it looks for.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("maven", "org"),
        # Maven's own host is fine: every pom.xml has a namespace there.
        ("repo", "maven", "apache", "org"),
        ("maven", "google", "com"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("goproxy", "io"),
        ("api", "nuget", "org"),
        ("crates", "io"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("archive", "ubuntu", "com"),
    )
]
REGISTRY = re.compile(rf"\b({'|'.join(map(re.escape, REGISTRY_HOSTS))})\b")

# Homes of users that well-known images have are part of manifests, not of somebody's machine; and
# what images say of themselves is full of them.
IMAGES = Path("tests/webhook/images/labelled")
HOME = re.compile(r"(?<![\w.$}])/(?:root/|(?:home|Users)/(?!(?:node|app|nonroot|cnb)\b)\w)")


def lines_with(pattern: re.Pattern[str], paths: tuple[Path, ...]) -> list[str]:
    """`path:line: found` for each line of `paths` that holds `pattern`."""
    return [
        f"{path}:{number}: {found.group()}"
        for path in paths
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if (found := pattern.search(line))
    ]


def test_no_tracked_file_names_a_package_registry() -> None:
    """Where packages come from is the business of the client's configuration, never of a file."""
    assert lines_with(REGISTRY, tracked()) == []


def test_no_tracked_file_names_a_home_directory() -> None:
    """No file holds an absolute path that exists only on its author's machine."""
    paths = tuple(path for path in tracked() if IMAGES not in path.parents)

    assert lines_with(HOME, paths) == []


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_registry_hosts_are_recognised(host: str) -> None:
    """A host counts with a scheme, with a subdomain and in the middle of a line."""
    assert REGISTRY.search(f'"resolved": "https://files.{host}/simple/"')
    assert not REGISTRY.search(host.replace(".", "-"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("cd /" + "root/project", True, id="root"),
        pytest.param('"/' + 'home/someone/project"', True, id="linux"),
        pytest.param("/" + "Users/someone/project", True, id="macos"),
        pytest.param("workingDir: /home/node/app", False, id="user of an image"),
        pytest.param("$DIR/root/fs", False, id="inside a variable's folder"),
        pytest.param("docs/home/page", False, id="relative"),
    ],
)
def test_home_directories_are_recognised(text: str, expected: bool) -> None:
    """People's homes count; homes of users in images and relative paths do not."""
    assert bool(HOME.search(text)) == expected
