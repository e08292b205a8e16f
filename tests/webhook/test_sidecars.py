"""Containers that accompany applications, and applications that only sound like them."""

import pytest

from webhook import sidecars

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("name", "image", "expected"),
    [
        ("istio-proxy", "auto", "Istio proxy"),
        ("x", "docker.io/istio/proxyv2:1.27.0", "Istio proxy"),
        ("x", "registry.example:5000/hub/istio/proxyv2:1.27.0-distroless", "Istio proxy"),
        ("x", f"mirror.example/istio/proxyv2@{DIGEST}", "Istio proxy"),
        ("x", f"mirror.example/istio/proxyv2:1.27@{DIGEST}", "Istio proxy"),
        ("istio-init", "x", "Istio proxy"),
        ("linkerd-proxy", "", "Linkerd proxy"),
        ("x", "cr.l5d.io/linkerd/proxy:edge", "Linkerd proxy"),
        ("vault-agent", "hashicorp/vault:1.20", "Vault agent"),
        ("vault-agent-init", "hashicorp/vault:1.20", "Vault agent"),
        ("x", "envoyproxy/envoy:v1.35", "Envoy"),
        ("x", "fluent/fluentd:v1.19", "Fluentd"),
        ("x", "cr.fluentbit.io/fluent/fluent-bit:4.0", "Fluent Bit"),
        ("x", "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable", "Fluent Bit"),
        ("x", "docker.elastic.co/beats/filebeat:9.1.0", "Filebeat"),
        ("x", "grafana/promtail:3.5", "Promtail"),
        ("x", "timberio/vector:0.49-alpine", "Vector"),
        ("x", "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2", "Cloud SQL proxy"),
        ("cloudsql-proxy", "x", "Cloud SQL proxy"),
        ("daprd", "x", "Dapr sidecar"),
        ("x", "hashicorp/consul-dataplane:1.8", "Consul data plane"),
        ("kuma-sidecar", "x", "Kuma proxy"),
        ("x", "quay.io/oauth2-proxy/oauth2-proxy:v7", "OAuth2 proxy"),
        ("x", "public.ecr.aws/xray/aws-xray-daemon:3", "AWS X-Ray daemon"),
        ("datadog-agent", "x", "Datadog agent"),
        ("x", "gcr.io/datadoghq/agent:7", None),
        ("x", "datadog/agent:7", "Datadog agent"),
        ("x", "jaegertracing/jaeger-agent:1.62", "Jaeger agent"),
        ("otc-container", "x", "OpenTelemetry collector"),
        ("x", "otel/opentelemetry-collector-contrib", "OpenTelemetry collector"),
        ("opentelemetry-auto-instrumentation", "x", "OpenTelemetry agent installer"),
        ("x", "telegraf:1.35-alpine", "Telegraf"),
        ("x", "prom/statsd-exporter", "StatsD exporter"),
        ("x", "quay.io/brancz/kube-rbac-proxy:v0.19", "kube-rbac-proxy"),
        ("config-reloader", "x", "Config reloader"),
        ("x", "quay.io/kiwigrid/k8s-sidecar:1.30", "k8s-sidecar"),
        ("x", "registry.k8s.io/git-sync/git-sync:v4.4", "git-sync"),
        ("secrets-store", "x", "Secrets Store driver"),
        ("queue-proxy", "x", "Knative queue proxy"),
        ("x", "aerospike/aerospike-prometheus-exporter:1", "Aerospike exporter"),
        # applications
        ("app", "shop/envoy-console:1", None),
        ("app", "shop/istio/dashboard", None),
        ("app", "istio/proxyv2/shop", None),
        ("app", "acme/proxy:1", None),
        ("app", "acme/vector:1", None),
        ("vector", "acme/search:1", None),
        ("proxy", "acme/shop", None),
        ("app", "my-fluent-bit/shop:fluent-bit", None),
        ("app", "acme/xproxyv2", None),
        ("app", "vault:1.20", None),
        ("app", "localhost:5000/shop", None),
        ("", "", None),
        ("app", ":@:/@", None),
    ],
)
def test_sidecars_are_known_by_name_or_repository(
    name: str, image: str, expected: str | None
) -> None:
    """A container's name or the end of its image's path tells; a word inside a path does not."""
    assert sidecars.known(name, image) == expected
