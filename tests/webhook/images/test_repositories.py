"""What an image's name alone tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.images import publishers
from webhook.images.reference import parse
from webhook.images.repositories import of_reference
from webhook.languages import BY_NAME
from webhook.model import Source

SHA = "@sha256:" + "a" * 64

# (reference, language, version, C library) of the one piece of evidence, which decides
DECIDED: list[tuple[str, str | None, str | None, str | None]] = [
    ("python", "python", None, "glibc"),
    ("python:3.9-slim", "python", "3.9", "glibc"),
    ("python:3.12.4-alpine3.20", "python", "3.12.4", "musl"),
    (f"python{SHA}", "python", None, None),
    ("docker.io/library/node:16-alpine", "nodejs", "16", "musl"),
    ("node:gallium-bookworm", "nodejs", "16", "glibc"),
    ("node:lts", "nodejs", None, "glibc"),
    ("golang:1.22", "go", "1.22", "glibc"),
    ("openjdk:8-jdk-alpine", "java", "8", "musl"),
    ("openjdk:8u342-jre-slim", "java", "8.0.342", "glibc"),
    ("openjdk:28-ea-14-jdk", "java", "28", "glibc"),
    ("eclipse-temurin:8-jre", "java", "8", "glibc"),
    ("eclipse-temurin:17.0.9_9-jre-alpine", "java", "17.0.9", "musl"),
    ("eclipse-temurin:8u402-b06-jre-jammy", "java", "8.0.402", "glibc"),
    ("amazoncorretto:17-al2023", "java", "17", "glibc"),
    ("ibm-semeru-runtimes:open-21.0.4_7-jre", "java", "21.0.4", "glibc"),
    ("sapmachine:21-jre-ubuntu", "java", "21", "glibc"),
    ("tomcat:10.1-jdk17-temurin", "java", "17", "glibc"),
    ("tomcat:9", "java", None, "glibc"),
    ("jetty:9.4-jre8-eclipse-temurin", "java", "8", "glibc"),
    ("maven:3.9-eclipse-temurin-17-alpine", "java", "17", "musl"),
    ("gradle:8.5-jdk21", "java", "21", "glibc"),
    ("public.ecr.aws/docker/library/python:3.12", "python", "3.12", "glibc"),
    ("mirror.gcr.io/library/node:22", "nodejs", "22", "glibc"),
    ("registry.corp:5000/dockerhub/library/python:3.11-alpine", "python", "3.11", "musl"),
    ("public.ecr.aws/amazoncorretto/amazoncorretto:21", "java", "21", None),
    ("azul/zulu-openjdk:17-jre", "java", "17", None),
    ("azul/zulu-openjdk-alpine:17", "java", "17", None),
    ("mcr.microsoft.com/dotnet/aspnet:8.0-alpine", "dotnet", "8.0", "musl"),
    ("mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled", "dotnet", "8.0", "glibc"),
    ("mcr.microsoft.com/dotnet/runtime:10.0.0-rc.1", "dotnet", "10.0.0", "glibc"),
    ("mcr.microsoft.com/dotnet/sdk:8.0.401", "dotnet", "8.0", "glibc"),
    ("mcr.microsoft.com/dotnet/core/aspnet:3.1", "dotnet", "3.1", "glibc"),
    ("registry.corp/mcr/dotnet/aspnet:8.0", "dotnet", "8.0", "glibc"),
    ("mcr.microsoft.com/dotnet/runtime-deps:8.0", "dotnet", None, "glibc"),
    ("mcr.microsoft.com/dotnet/nightly/runtime-deps:10.0-alpine-aot", "~native", None, "musl"),
    ("mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-ltsc2022", "~Windows", None, None),
    ("gcr.io/distroless/java17-debian12", "java", "17", "glibc"),
    ("gcr.io/distroless/java-base-debian12", "java", None, "glibc"),
    ("gcr.io/distroless/nodejs22-debian12:nonroot", "nodejs", "22", "glibc"),
    ("gcr.io/distroless/python3-debian12", "python", "3.11", "glibc"),
    ("gcr.io/distroless/python3", "python", None, "glibc"),
    ("gcr.io/distroless/base-debian12", None, None, "glibc"),
    ("bitnami/node:22.1.0-debian-12-r3", "nodejs", "22.1.0", "glibc"),
    ("public.ecr.aws/bitnami/java:17.0.12-10-debian-12-r0", "java", "17.0.12", "glibc"),
    ("bitnami/dotnet-sdk:8.0.401", "dotnet", "8.0", "glibc"),
    ("bitnamilegacy/kafka:3.7", "java", None, "glibc"),
    ("bitnami/tomcat:10.1", "java", None, "glibc"),
    ("bitnami/postgresql:17", "~PostgreSQL", None, "glibc"),
    ("cgr.dev/chainguard/python:latest-dev", "python", None, "glibc"),
    ("cgr.dev/acme.com/jre:openjdk-17", "java", "17", "glibc"),
    ("cgr.dev/chainguard/maven:3.9-openjdk-21", "java", "21", "glibc"),
    ("cgr.dev/chainguard/nginx", "~nginx", None, "glibc"),
    ("cgr.dev/acme.com/orders", None, None, "glibc"),
    ("registry.access.redhat.com/ubi9/openjdk-21:1.20", "java", "21", "glibc"),
    ("registry.redhat.io/ubi9/python-312", "python", "3.12", "glibc"),
    ("registry.redhat.io/ubi8/python-39", "python", "3.9", "glibc"),
    ("registry.access.redhat.com/ubi9/nodejs-22-minimal", "nodejs", "22", "glibc"),
    ("registry.access.redhat.com/ubi8/dotnet-80-runtime", "dotnet", "8.0", "glibc"),
    ("registry.access.redhat.com/ubi9/dotnet-100", "dotnet", "10.0", "glibc"),
    ("registry.access.redhat.com/ubi9/go-toolset:1.22", "go", None, "glibc"),
    ("registry.access.redhat.com/ubi9/php-82", "~PHP", None, "glibc"),
    ("quay.io/keycloak/keycloak:26.3", "java", None, None),
    ("apache/kafka:4.0.0", "java", None, None),
    ("apache/kafka-native:4.0.0", "~native", None, None),
    ("confluentinc/cp-kafka:7.7.0", "java", None, None),
    ("zookeeper:3.9", "java", None, None),
    ("jenkins/jenkins:lts-jdk17", "java", None, None),
    ("apache/airflow:3.0.6", "python", None, None),
    ("ghost:5-alpine", "nodejs", None, "musl"),
    ("n8nio/n8n", "nodejs", None, None),
    ("grafana/grafana:12.1.0", "go", None, None),
    ("registry.corp/hub/grafana/grafana:12.1.0", "go", None, None),
    ("quay.io/prometheus/node-exporter", "go", None, None),
    ("calico/node", "go", None, None),
    ("ruby:3.4", "~Ruby", None, None),
    ("php:8.4-fpm-alpine", "~PHP", None, "musl"),
    ("nginx:1.29", "~nginx", None, None),
    ("busybox", "~BusyBox", None, None),
    ("oven/bun:1", "~Bun", None, None),
    ("denoland/deno", "~Deno", None, None),
    ("alpine:3.22", None, None, "musl"),
    ("debian:13-slim", None, None, "glibc"),
]

# (reference, languages that are hinted at): never a version, and nothing decides
HINTED: list[tuple[str, list[str | None]]] = [
    ("acme/orders-java", ["java"]),
    ("acme/java/orders", ["java"]),
    ("ghcr.io/acme/python-api:2.7", ["python"]),
    ("registry.corp/node:18", ["nodejs"]),
    ("acme/go-python-bridge", ["go", "python"]),
    ("acme/app:1.0-alpine", [None]),
    ("gcr.io/distroless/static-debian12:nonroot", ["go"]),
    ("acme/javascript", []),
    ("acme/node-exporter", []),
    ("registry.k8s.io/sig-storage/csi-node-driver-registrar", []),
    ("acme/node", []),
    ("acme/django", ["python"]),
    ("acme/mongo", []),
    ("acme/pythonic", []),
    ("acme/runtime", []),
    ("acme/app:python3.9", []),
    ("dotnet/orders", ["dotnet"]),
]


@pytest.mark.parametrize(("text", "language", "version", "libc"), DECIDED)
def test_known_names(
    text: str, language: str | None, version: str | None, libc: str | None
) -> None:
    """A known publisher's name decides; its tag tells version and C library only where it does."""
    (evidence,) = of_reference(parse(text))

    expected = (Source.REPOSITORY, language, version, libc, True)
    assert expected == (
        evidence.source,
        evidence.language,
        evidence.version,
        evidence.libc,
        evidence.decides,
    )


@pytest.mark.parametrize(("text", "languages"), HINTED)
def test_other_names(text: str, languages: list[str | None]) -> None:
    """Of other names, words that stand alone are hints; other people's tags tell no version."""
    evidence = of_reference(parse(text))

    assert languages == [piece.language for piece in evidence]
    assert not any(piece.decides or piece.version for piece in evidence)


def test_fact_names_repository_and_tag() -> None:
    """The fact is the repository in full, with its tag."""
    (evidence,) = of_reference(parse("python:3.9"))

    assert evidence.fact == "repository docker.io/library/python, tag 3.9"


@pytest.mark.parametrize(
    "table",
    [
        publishers.RUNTIMES,
        publishers.PRODUCTS,
        publishers.OWNED,
        publishers.BITNAMI_RUNTIMES,
        publishers.CHAINGUARD_RUNTIMES,
        publishers.WORDS,
    ],
    ids=["runtimes", "products", "owned", "bitnami", "chainguard", "words"],
)
def test_tables_name_known_languages(table: dict[str, str]) -> None:
    """Every language in the tables is one that is served, or starts with "~"."""
    unknown = {lang for lang in table.values() if lang not in BY_NAME and lang[0] != "~"}

    assert unknown == set()


def test_owned_names_have_owners() -> None:
    """What is looked up by owner and name has both."""
    assert all(name.count("/") == 1 for name in {*publishers.OWNED, *publishers.JAVA_BUILDS})


@given(
    st.from_regex(r"([a-z]{1,8}/){0,3}[a-z]{1,8}(-[a-z0-9]{1,5}){0,2}:[\w.-]{1,20}", fullmatch=True)
)
def test_any_reference(text: str) -> None:
    """Any reference gives evidence of its repository, at most one piece of which decides."""
    try:
        reference = parse(text)
    except ValueError:
        return
    evidence = of_reference(reference)

    assert all(piece.source is Source.REPOSITORY for piece in evidence)
    assert sum(piece.decides for piece in evidence) <= 1
