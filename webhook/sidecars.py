"""Containers that accompany applications: proxies, collectors, secret agents, synchronisers.

An image is known by whole segments at the end of its path: mirrors count
(`mirror.example/hub/istio/proxyv2`), and an application named after a sidecar does not
(`shop/envoy-console`). A word that is also an ordinary word (proxy, vector, agent) stands only
with the folder in front of it.
"""

from functools import lru_cache

_CONTAINERS = {
    "Istio proxy": "istio-proxy istio-init istio-validation",
    "Linkerd proxy": "linkerd-proxy linkerd-init linkerd-network-validator linkerd-debug",
    "Consul data plane": "consul-dataplane consul-connect-inject-init",
    "Kuma proxy": "kuma-sidecar kuma-init kuma-validation",
    "Open Service Mesh proxy": "osm-init",
    "NGINX Service Mesh proxy": "nginx-mesh-sidecar nginx-mesh-init",
    "Cilium": "cilium-envoy cilium-agent",
    "Envoy": "envoy envoy-proxy envoy-sidecar",
    "Dapr sidecar": "daprd",
    "Vault agent": "vault-agent vault-agent-init vault-env-init copy-vault-env",
    "Akeyless agent": "akeyless-init akeyless-sidecar",
    "Conjur authenticator": "conjur-authenticator",
    "Secrets Store driver": "secrets-store",
    "SPIFFE helper": "spiffe-helper",
    "Cloud SQL proxy": "cloud-sql-proxy cloudsql-proxy cloudsql cloud_sql_proxy",
    "AlloyDB proxy": "alloydb-auth-proxy",
    "PgBouncer": "pgbouncer",
    "OAuth2 proxy": "oauth2-proxy oauth-proxy",
    "kube-rbac-proxy": "kube-rbac-proxy kube-rbac-proxy-main kube-rbac-proxy-self",
    "Fluentd": "fluentd fluentd-sidecar",
    "Fluent Bit": "fluent-bit fluentbit aws-fluent-bit fluent-bit-sidecar",
    "Filebeat": "filebeat filebeat-sidecar",
    "Metricbeat": "metricbeat",
    "Elastic Agent": "elastic-agent",
    "Promtail": "promtail promtail-sidecar",
    "Grafana Agent": "grafana-agent",
    "Vector": "vector-agent vector-sidecar",
    "Logrotate": "logrotate",
    "Telegraf": "telegraf telegraf-istio",
    "StatsD exporter": "statsd-exporter statsd",
    "Prometheus exporter": "jmx-exporter metrics-exporter",
    "Datadog agent": (
        "datadog-agent datadog-agent-injected datadog-lib-init datadog-init-apm-inject"
    ),
    "AWS X-Ray daemon": "aws-xray-daemon xray-daemon x-ray-daemon",
    "CloudWatch agent": "cloudwatch-agent cwagent",
    "Jaeger agent": "jaeger-agent",
    "OpenTelemetry collector": (
        "otc-container otel-collector otel-agent opentelemetry-collector otel-collector-sidecar"
    ),
    "OpenTelemetry agent installer": (
        "opentelemetry-auto-instrumentation opentelemetry-auto-instrumentation-java"
        " opentelemetry-auto-instrumentation-python opentelemetry-auto-instrumentation-nodejs"
        " opentelemetry-auto-instrumentation-dotnet"
    ),
    "Dynatrace OneAgent installer": "install-oneagent dynatrace-operator",
    "New Relic agent installer": "newrelic-instrumentation newrelic-agent",
    "Instana agent installer": "instana-instrumentation-init",
    "Config reloader": (
        "config-reloader configmap-reload configmap-reloader prometheus-config-reloader"
        " rules-configmap-reloader"
    ),
    "k8s-sidecar": (
        "k8s-sidecar grafana-sc-dashboard grafana-sc-datasources grafana-sc-alerts config-reload"
    ),
    "git-sync": "git-sync git-sync-init",
    "CSI sidecar": (
        "csi-provisioner csi-attacher csi-resizer csi-snapshotter csi-node-driver-registrar"
        " node-driver-registrar csi-livenessprobe liveness-probe"
    ),
    "Cloud Storage FUSE": "gke-gcsfuse-sidecar",
    "Knative queue proxy": "queue-proxy",
    "Argo executor": "argoexec",
    "Tekton helper": "place-scripts working-dir-initializer",
    "Aerospike exporter": "aerospike-prometheus-exporter",
    "Pause": "pause",
}
"""What it is → names that its containers have."""

_IMAGES = {
    "Istio proxy": "proxyv2 istio/install-cni",
    "Linkerd proxy": (
        "linkerd/proxy linkerd/proxy-init linkerd/debug buoyantio/proxy linkerd2-proxy"
    ),
    "Consul data plane": "consul-dataplane consul-k8s-control-plane",
    "Kuma proxy": "kuma-dp kuma-init",
    "Open Service Mesh proxy": "openservicemesh/init openservicemesh/sidecar-init",
    "NGINX Service Mesh proxy": "nginx-mesh-sidecar nginx-mesh-init",
    "Traefik Mesh proxy": "traefik-mesh",
    "AWS App Mesh proxy": "aws-appmesh-envoy aws-appmesh-proxy-route-manager",
    "Cilium": "cilium/cilium-envoy",
    "Envoy": "envoyproxy/envoy envoyproxy/envoy-distroless bitnami/envoy",
    "NGINX Prometheus exporter": "nginx-prometheus-exporter",
    "Dapr sidecar": "daprio/dapr daprd",
    "Vault agent": "vault-env",
    "Akeyless agent": "akeyless/k8s-agent",
    "1Password Connect": "1password/connect-sync",
    "Conjur authenticator": "cyberark/conjur-authn-k8s-client cyberark/secrets-provider-for-k8s",
    "Secrets Store driver": "csi-secrets-store/driver secrets-store-csi-driver",
    "SPIFFE helper": "spiffe-helper",
    "Cloud SQL proxy": "cloud-sql-proxy gce-proxy",
    "AlloyDB proxy": "alloydb-auth-proxy",
    "PgBouncer": "pgbouncer",
    "OAuth2 proxy": "oauth2-proxy openshift/oauth-proxy origin-oauth-proxy ose-oauth-proxy",
    "kube-rbac-proxy": "kube-rbac-proxy ose-kube-rbac-proxy",
    "pomerium": "pomerium/pomerium",
    "Fluentd": "fluentd fluentd-kubernetes-daemonset fluentd-elasticsearch",
    "Fluent Bit": "fluent-bit aws-for-fluent-bit",
    "Filebeat": "filebeat",
    "Metricbeat": "metricbeat",
    "Elastic Agent": "elastic-agent",
    "Promtail": "promtail",
    "Grafana Agent": "grafana/agent grafana/alloy",
    "Vector": "timberio/vector",
    "Logrotate": "logrotate",
    "Telegraf": "telegraf",
    "StatsD exporter": "statsd-exporter statsd/statsd",
    "Prometheus exporter": (
        "jmx-exporter redis_exporter redis-exporter postgres-exporter postgres_exporter"
        " mysqld-exporter mysqld_exporter mongodb-exporter mongodb_exporter"
        " elasticsearch-exporter elasticsearch_exporter memcached-exporter kafka-exporter"
        " php-fpm-exporter php-fpm_exporter blackbox-exporter node-exporter"
    ),
    "Datadog agent": "datadog/agent datadog-agent datadog/apm-inject",
    "AWS X-Ray daemon": "aws-xray-daemon",
    "CloudWatch agent": "cloudwatch-agent",
    "Jaeger agent": "jaeger-agent",
    "OpenTelemetry collector": (
        "opentelemetry-collector opentelemetry-collector-contrib opentelemetry-collector-k8s"
        " aws-otel-collector splunk-otel-collector opentelemetry-operator/collector otelcol"
    ),
    "OpenTelemetry agent installer": (
        "autoinstrumentation-java autoinstrumentation-python autoinstrumentation-nodejs"
        " autoinstrumentation-dotnet autoinstrumentation-go autoinstrumentation-apache-httpd"
    ),
    "Dynatrace OneAgent installer": "dynatrace/oneagent dynatrace-codemodules linux/codemodules",
    "New Relic agent installer": (
        "newrelic/newrelic-java-init newrelic/newrelic-python-init newrelic/newrelic-node-init"
        " newrelic/newrelic-dotnet-init newrelic/infrastructure"
    ),
    "Instana agent installer": "instana/instrumentation instana/instana-agent-operator",
    "Config reloader": "prometheus-config-reloader configmap-reload config-reloader",
    "k8s-sidecar": "k8s-sidecar",
    "git-sync": "git-sync",
    "Cluster DNS cache": "k8s-dns-node-cache k8s-dns-sidecar k8s-dns-dnsmasq-nanny",
    "CSI sidecar": (
        "sig-storage/csi-provisioner sig-storage/csi-attacher sig-storage/csi-resizer"
        " sig-storage/csi-snapshotter sig-storage/csi-node-driver-registrar"
        " sig-storage/livenessprobe"
    ),
    "Cloud Storage FUSE": "gcs-fuse-csi-driver-sidecar-mounter",
    "Knative queue proxy": "serving/cmd/queue knative-releases/queue",
    "Argo executor": "argoexec",
    "Tekton helper": "tektoncd/pipeline/cmd/entrypoint",
    "Aerospike exporter": "aerospike-prometheus-exporter aerospike-kubernetes-init",
    "Network multitool": "network-multitool netshoot",
    "Pause": "pause",
}
"""What it is → ends of image repositories, of whole segments."""

_NAMES = {name: what for what, names in _CONTAINERS.items() for name in names.split()}
_REPOSITORIES = {end: what for what, ends in _IMAGES.items() for end in ends.split()}
_LONGEST = 1 + max(repository.count("/") for repository in _REPOSITORIES)


@lru_cache(maxsize=4096)
def known(name: str, image: str) -> str | None:
    """What a well-known sidecar is, by its container's name or its image, else None."""
    if what := _NAMES.get(name):
        return what
    path = image.partition("@")[0]
    folder, slash, last = path.rpartition("/")
    segments = [*folder.split("/"), last.partition(":")[0]] if slash else [last.partition(":")[0]]
    for count in range(1, min(len(segments), _LONGEST) + 1):
        if what := _REPOSITORIES.get("/".join(segments[-count:])):
            return what
    return None
