"""Build information: versions of modules as Go's linker writes them."""

import pytest

from nodeagent.binary.build import dependencies

TEXT = """\
path\texample.com/shop/cmd/shop
mod\texample.com/shop\tv1.4.0\t
dep\tgithub.com/jackc/pgx/v5\tv5.7.1\th1:x7SYsPBYDkHDksogeSmZZ5xzThcTgRz++I5E+ePFUcs=
dep\tgoogle.golang.org/grpc\tv1.70.0
=>\tgithub.com/example/grpc\tv1.70.1-fork\th1:x7SYsPBYDkHDksogeSmZZ5xzThcTgRz++I5E+ePFUcs=
dep\texample.com/local\tv0.1.0
=>\t./local\t(devel)\t
dep\tgopkg.in/yaml.v3\tv3.0.1\th1:fxVm/GzAzEWqLHuvctI91KS9hhNmmWOoWu0XTYJS7CA=
build\t-buildmode=exe
build\tDefaultGODEBUG=panicnil=1
"""


def test_versions_of_modules() -> None:
    """A module that was replaced has its replacement's version, under its own path."""
    assert dependencies(TEXT) == {
        "github.com/jackc/pgx/v5": "v5.7.1",
        "google.golang.org/grpc": "v1.70.1-fork",
        "example.com/local": "(devel)",
        "gopkg.in/yaml.v3": "v3.0.1",
    }


@pytest.mark.parametrize("text", ["", "path\tcommand-line-arguments\n", "dep\t\n=>\n"], ids=repr)
def test_no_modules(text: str) -> None:
    """A program without modules, or with a text that is none, depends on nothing."""
    assert dependencies(text) == {}
