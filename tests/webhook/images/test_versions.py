"""Runtime versions from the spellings of their publishers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.images import versions

NORMALISED = [
    ("java", "jdk-17.0.20+8", "17.0.20"),
    ("java", "jdk-17.0.16+8_openj9-0.53.0", "17.0.16"),
    ("java", "17.0.9", "17.0.9"),
    ("java", "17.0.9.1", "17.0.9"),
    ("java", "21", "21"),
    ("java", "27-ea", "27"),
    ("java", "28-ea+14", "28"),
    ("java", "8", "8"),
    ("java", "8u402", "8.0.402"),
    ("java", "8u402-b06", "8.0.402"),
    ("java", "jdk8u462-b08", "8.0.462"),
    ("java", "1.8.0_402", "8.0.402"),
    ("java", "1.8.0", "8"),
    ("java", "1.8", "8"),
    ("java", "1.8.0_292-b10", "8.0.292"),
    ("java", "openjdk-17", "17"),
    ("java", "2024.1", None),
    ("java", "latest", None),
    ("python", "3.13.14", "3.13.14"),
    ("python", "3.14.0rc1", "3.14.0"),
    ("python", "3.9", "3.9"),
    ("python", "2", "2"),
    ("python", "3", None),
    ("python", "slim", None),
    ("nodejs", "22.23.2", "22.23.2"),
    ("nodejs", "v18", "18"),
    ("nodejs", "lts", None),
    ("dotnet", "10.0.11", "10.0.11"),
    ("dotnet", "10.0.0-rc.1.25451.107", "10.0.0"),
    ("dotnet", "2024.1.3", None),
    ("go", "1.26.7", "1.26.7"),
    ("go", "go1.22.1", "1.22.1"),
    ("go", "1", None),
    ("~Ruby", "3.4.5", None),
]

JAVA_HOMES = [
    ("/usr/lib/jvm/java-17-amazon-corretto", "17"),
    ("/usr/lib/jvm/java-1.8.0-amazon-corretto", "8"),
    ("/usr/lib/jvm/java-11-openjdk-amd64", "11"),
    ("/usr/lib/jvm/java-8-openjdk-amd64/jre", "8"),
    ("/usr/local/openjdk-21", "21"),
    ("/usr/java/openjdk-27", "27"),
    ("/usr/lib/jvm/jdk-17.0.9-bellsoft-x86_64", "17.0.9"),
    ("/usr/lib/jvm/zulu11", "11"),
    ("/usr/lib/jvm/sapmachine-21", "21"),
    ("/usr/lib64/graalvm/graalvm22-ce-java17", "17"),
    ("/opt/java/openjdk", None),
    ("/usr/lib/jvm/default-jvm", None),
]


@pytest.mark.parametrize(("language", "text", "expected"), NORMALISED)
def test_normalise(language: str, text: str, expected: str | None) -> None:
    """A version is its numbers; Java 8 starts with 8, whatever it was called."""
    assert expected == versions.normalise(language, text)


@pytest.mark.parametrize(("path", "expected"), JAVA_HOMES)
def test_java_home(path: str, expected: str | None) -> None:
    """A JDK's directory tells Java's version, never that of the build."""
    assert expected == versions.java_home(path)


@given(st.sampled_from(["java", "python", "nodejs", "dotnet", "go"]), st.text())
def test_any_text(language: str, text: str) -> None:
    """Whatever the text, a version is None or numbers with dots, and normalising it keeps it."""
    version = versions.normalise(language, text)

    if version is not None:
        assert all(part.isdecimal() for part in version.split("."))
        assert version == versions.normalise(language, version)
