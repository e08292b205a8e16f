"""What an image's environment tells, and what it must not be taken for."""

import pytest

from webhook.images.variables import of_environment

TOLD = [
    ({"JAVA_HOME": "/usr/lib/jvm/java-17-amazon-corretto"}, [("java", "17")]),
    ({"JAVA_HOME": "/opt/java/openjdk"}, [("java", None)]),
    ({"JBOSS_IMAGE_NAME": "ubi9/openjdk-21"}, [("java", "21")]),
    ({"JAVA_APP_JAR": "/deployments/quarkus-run.jar"}, [("java", None)]),
    ({"CATALINA_HOME": "/usr/local/tomcat"}, [("java", None)]),
    ({"NODEJS_VERSION": "22"}, [("nodejs", "22")]),
    ({"ASPNET_VERSION": "8.0.10", "DOTNET_RUNNING_IN_CONTAINER": "true"}, [("dotnet", "8.0.10")]),
    ({"DOTNET_RUNNING_IN_CONTAINER": "true"}, [("dotnet", None)]),
    ({"KO_DATA_PATH": "/var/run/ko"}, [("go", None)]),
    ({"RUBY_VERSION": "3.4", "GEM_HOME": "/x"}, [("~Ruby", None)]),
    ({"DENO_DIR": "/deno-dir/"}, [("~Deno", None)]),
    # names that look like evidence and are none
    ({"NODEJS_VER": "22", "NODE_ENV": "production", "NODE_NAME": "worker-1"}, []),
    ({"PYTHON_VERSION": ""}, []),
    ({"PG_MAJOR": "16", "REDIS_VERSION": "7"}, []),
    ({"PATH": "/opt/bitnami/python/bin:/usr/bin", "APP_VERSION": "1.0"}, []),
    ({"JBOSS_IMAGE_NAME": "eap/eap8"}, []),
    ({"BITNAMI_APP_NAME": "something"}, []),
]


@pytest.mark.parametrize(("environment", "told"), TOLD)
def test_of_environment(environment: dict[str, str], told: list[tuple[str, str | None]]) -> None:
    """The variables that runtimes' base images set tell language and version by exact names."""
    assert told == [(piece.language, piece.version) for piece in of_environment(environment)]


@pytest.mark.parametrize(("label", "version"), [("24.9.0", "24.9.0"), ("", None), ("25.0.0", None)])
def test_bitnami_version(label: str, version: str | None) -> None:
    """APP_VERSION is Node.js' only where Bitnami's label says the same."""
    evidence = of_environment({"BITNAMI_APP_NAME": "node", "APP_VERSION": "24.9.0"}, label)

    assert [("nodejs", version)] == [(piece.language, piece.version) for piece in evidence]


def test_own_runtime_says_what_it_is() -> None:
    """A self-contained or natively compiled .NET program is named as such."""
    (piece,) = of_environment({"APP_UID": "1654", "DOTNET_RUNNING_IN_CONTAINER": "true"})

    assert "with a runtime of its own, or compiled ahead of time" in piece.fact
