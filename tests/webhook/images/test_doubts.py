import pytest

from webhook.images.configuration import read
from webhook.model import Json

PYTHON = "PYTHON_VERSION=3.12.1"


def deciding(argv: list[str], *history: str, environment: str = PYTHON) -> list[str | None]:
    """The languages that an image's configuration decides on."""
    config: dict[str, Json] = {"Env": [environment], "Cmd": argv}
    lines = [{"created_by": line} for line in history]
    image = read({"config": config, "history": lines})
    return [piece.language for piece in image.evidence if piece.decides and piece.language]


@pytest.mark.parametrize(
    "line",
    [
        "COPY /src/out/gateway /usr/local/bin/ # buildkit",
        "COPY /go/bin/app /usr/local/bin/gateway # buildkit",
        "COPY /LICENSE /gateway / # buildkit",
        "ADD --chmod=755 /out/gateway / # buildkit",
        "/bin/sh -c curl -fsSL https://example.com/x -o /usr/local/bin/gateway && chmod +x x",
        "RUN /bin/sh -c wget -qO /usr/bin/gateway https://example.com/x # buildkit",
        "RUN /bin/sh -c curl https://example.com/x > /usr/bin/gateway; true # buildkit",
        "RUN /bin/sh -c go build -o /usr/local/bin/gateway ./cmd # buildkit",
        "RUN /bin/sh -c tar xf a && mv a/gateway-linux /usr/bin/gateway # buildkit",
        "RUN /bin/sh -c install -m 755 a/gateway # buildkit",
    ],
)
def test_a_program_that_was_put_there(line: str) -> None:
    """A command that was copied from another stage or fetched is not the base's runtime's."""
    assert deciding(["gateway", "--port=80"], line) == []
    assert deciding(["/usr/local/bin/gateway"], "RUN true", line) == []


@pytest.mark.parametrize(
    "line",
    [
        "RUN /bin/sh -c pip install gateway # buildkit",
        "RUN /bin/sh -c npm install -g gateway # buildkit",
        "COPY gateway /usr/local/bin/ # buildkit",
        "COPY ./compose/gateway /gateway # buildkit",
        "COPY /src/gateway.py /usr/local/bin/gateway # buildkit",
        "COPY /src/api-gateway /usr/local/bin/ # buildkit",
        "RUN /bin/sh -c curl -o /usr/local/bin/gateway-tools https://example.com/x # buildkit",
        "RUN /bin/sh -c gateway --version > /version # buildkit",
        "COPY",
        "",
    ],
)
def test_a_program_that_may_be_the_runtimes(line: str) -> None:
    """Installed packages, scripts of the repository and other files speak against nothing."""
    assert deciding(["gateway"], line) == ["python"]


def test_programs_that_are_known() -> None:
    """What the command line itself tells needs no such question."""
    assert deciding(["gunicorn", "x"], "COPY /out/gunicorn /usr/bin/ # buildkit") == ["python"]


def test_a_toolchain_beside_a_runtime() -> None:
    """A script in a golang image that has Python installed may start either."""
    pip = "RUN /bin/sh -c pip install -r requirements.txt # buildkit"
    go = "GOLANG_VERSION=1.26.1"

    assert deciding(["./start.sh"], pip, environment=go) == []
    assert deciding(["./start.sh"], "RUN go build ./... # buildkit", environment=go) == ["go"]
    assert deciding(["./server"], pip, environment=go) == ["go"]
    assert deciding(["./start.sh"], pip) == ["python"]


def test_a_long_history() -> None:
    """A history made to cost time is looked at as far as its bounds allow."""
    lines = [">" * 5000 + "/a" * 2000, "mv " * 2000 + "a", "COPY " + "/a " * 2000] * 300

    assert deciding(["a"], *lines) == []


def test_an_image_without_a_command() -> None:
    """Nothing is started, and nothing is doubted."""
    assert deciding([], "COPY /out/x /usr/bin/x # buildkit") == ["python"]
