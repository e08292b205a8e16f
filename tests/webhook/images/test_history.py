"""What the lines of an image's history tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.images.history import bounded, of_history
from webhook.model import Image

# (line, language, version): hints
HINTED = [
    ("RUN /bin/sh -c apk add --no-cache openjdk17-jre # buildkit", "java", "17"),
    ("/bin/sh -c microdnf install -y java-1.8.0-openjdk-headless", "java", "8"),
    ("RUN /bin/sh -c apt-get install -y openjdk-21-jre-headless", "java", "21"),
    ("RUN /bin/sh -c apt-get install -y default-jre", "java", None),
    ("COPY target/orders-1.0.jar /app.jar # buildkit", "java", None),
    ("COPY target/orders.war /usr/local/tomcat/webapps/ROOT.war", "java", None),
    ('ENTRYPOINT ["java" "org.springframework.boot.loader.launch.JarLauncher"]', "java", None),
    ("RUN /bin/sh -c dnf install -y aspnetcore-runtime-8.0", "dotnet", "8.0"),
    ('ENTRYPOINT ["dotnet" "Orders.Api.dll"]', "dotnet", None),
    ("RUN /bin/sh -c npm ci --omit=dev", "nodejs", None),
    ("RUN /bin/sh -c yarn install --production", "nodejs", None),
    ("RUN /bin/sh -c pip install -r requirements.txt", "python", None),
    ("RUN /bin/sh -c pip3 install gunicorn", "python", None),
    ("RUN /bin/sh -c go build -o /app ./cmd/app", "go", None),
    ("RUN /bin/sh -c bundle install --jobs 4", "~Ruby", None),
    ("RUN /bin/sh -c composer install --no-dev", "~PHP", None),
]

LIBC = [
    (["ADD alpine-minirootfs-3.22.1-x86_64.tar.gz / # buildkit"], "musl"),
    (["/bin/sh -c #(nop) ADD file:0 in /", "RUN /bin/sh -c apk --no-cache add curl"], "musl"),
    (["RUN /bin/sh -c apk add -U curl"], "musl"),
    (["RUN /bin/sh -c wget -O /etc/apk/keys/x.pub https://x"], "musl"),
    (["apko", "RUN /bin/sh -c apk add curl"], "glibc"),
    (["# debian.sh --arch 'amd64' out/ 'bookworm' '@1'"], "glibc"),
    (["RUN /bin/sh -c apt-get -qq update"], "glibc"),
    (["RUN /bin/sh -c apt install -y curl"], "glibc"),
    (["RUN /bin/sh -c microdnf install curl"], "glibc"),
    (["RUN /bin/sh -c yum -y install curl"], "glibc"),
    (["RUN /bin/sh -c tdnf install -y curl"], "glibc"),
    (["COPY apk /apk", "RUN /bin/sh -c make capture"], None),
    ([], None),
]

DECIDED = [
    ("COPY target/*-runner /deployments/application", "~native"),
    ("COPY --chown=1001:root --chmod=0755 target/*-runner /deployments/application", "~native"),
    ("ko build ko://github.com/acme/orders", "go"),
]


@pytest.mark.parametrize(("line", "language", "version"), HINTED)
def test_lines_of_dockerfiles_are_hints(line: str, language: str, version: str | None) -> None:
    """What a line installs or copies is a hint, with the version that it names."""
    hints = [piece for piece in of_history(Image(), [line]) if piece.language]

    assert [(language, version, False)] == [(h.language, h.version, h.decides) for h in hints]


@pytest.mark.parametrize(("lines", "libc"), LIBC)
def test_libc(lines: list[str], libc: str | None) -> None:
    """The package manager tells the C library; with Wolfi's apk it is glibc."""
    found = [piece.libc for piece in of_history(Image(), lines) if piece.libc]

    assert ([libc] if libc else []) == found


@pytest.mark.parametrize(("line", "language"), DECIDED)
def test_builders_of_one_language_decide(line: str, language: str) -> None:
    """A builder that makes one kind of program says what the program is."""
    assert [(language, True)] == [(p.language, p.decides) for p in of_history(Image(), [line])]


@pytest.mark.parametrize(
    ("entrypoint", "decides"),
    [(("java", "-cp", "x", "Main"), True), (("/opt/java/bin/java",), True), (("/app/x",), False)],
)
def test_jib(entrypoint: tuple[str, ...], decides: bool) -> None:
    """Jib packs Java, for certain where the entrypoint is a virtual machine."""
    (piece,) = of_history(Image(entrypoint=entrypoint), ["jib-maven-plugin:3.4.5"])

    assert ("java", decides) == (piece.language, piece.decides)


@given(st.lists(st.text(max_size=40)))
def test_any_lines(lines: list[str]) -> None:
    """Any lines give at most one piece per language."""
    languages = [piece.language for piece in of_history(Image(), lines)]

    assert len(languages) == len(set(languages))


def test_a_history_of_any_length_is_bounded() -> None:
    """Of a history that never ends both ends are looked at: the base's lines, and the image's."""
    usual = [f"RUN step {number} " + "x" * 5000 for number in range(20)]
    endless = [f"RUN step {number} " + "x" * 5000 for number in range(10_000)]

    assert {len(line) for line in bounded(usual)} == {4096}
    kept = bounded(endless)
    assert (kept[0][:10], kept[-1][:13]) == ("RUN step 0", "RUN step 9999")
    assert sum(map(len, kept)) <= 150_000
