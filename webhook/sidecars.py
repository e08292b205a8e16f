"""Containers that accompany applications: proxies, collectors, secret agents, synchronisers.

A row is what it is, names that containers of it have, and ends of image repositories. A repository
matches whole segments at the end of a path, so that mirrors count (`mirror.example/hub/istio/proxyv2`)
and an application named after one does not (`shop/envoy-console`). A word that is also an ordinary
word (proxy, vector, operator) stands only with the folder in front of it.
"""

_ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "Istio proxy",
        "istio-proxy istio-init istio-validation",
        "istio/proxyv2 istio-release/proxyv2 istio-testing/proxyv2 proxyv2 istio/install-cni",
    ),
    (
        "Linkerd proxy",
        "linkerd-proxy linkerd-init linkerd-network-validator linkerd-debug",
        "linkerd/proxy linkerd/proxy-init linkerd/debug buoyantio/proxy linkerd2-proxy",
    ),
    (
        "Consul data plane",
        "consul-dataplane consul-connect-inject-init",
        "consul-dataplane consul-k8s-control-plane",
    ),
    (
        "Kuma proxy",
        "kuma-sidecar kuma-init kuma-validation",
        "kumahq/kuma-dp kuma-dp kumahq/kuma-init kuma-init",
    ),
    ("Open Service Mesh proxy", "osm-init", "openservicemesh/init openservicemesh/sidecar-init"),
    (
        "NGINX Service Mesh proxy",
        "nginx-mesh-sidecar nginx-mesh-init",
        "nginx-mesh-sidecar nginx-mesh-init",
    ),
    ("Traefik Mesh proxy", "", "traefik-mesh"),
    ("AWS App Mesh proxy", "", "aws-appmesh-envoy aws-appmesh-proxy-route-manager"),
    ("Cilium", "cilium-envoy cilium-agent", "cilium/cilium-envoy"),
    (
        "Envoy",
        "envoy envoy-proxy envoy-sidecar",
        "envoyproxy/envoy envoyproxy/envoy-distroless bitnami/envoy",
    ),
    ("NGINX Prometheus exporter", "", "nginx-prometheus-exporter nginx/nginx-prometheus-exporter"),
    ("Dapr sidecar", "daprd", "daprio/daprd daprio/dapr daprd"),
    (
        "Vault agent",
        "vault-agent vault-agent-init vault-env-init copy-vault-env",
        "banzaicloud/vault-env bank-vaults/vault-env vault-env",
    ),
    ("Akeyless agent", "akeyless-init akeyless-sidecar", "akeyless/k8s-agent"),
    ("1Password Connect", "", "1password/connect-sync"),
    (
        "Conjur authenticator",
        "conjur-authenticator",
        "cyberark/conjur-authn-k8s-client cyberark/secrets-provider-for-k8s",
    ),
    ("Secrets Store driver", "secrets-store", "csi-secrets-store/driver secrets-store-csi-driver"),
    ("SPIFFE helper", "spiffe-helper", "spiffe/spiffe-helper spiffe-helper"),
    (
        "Cloud SQL proxy",
        "cloud-sql-proxy cloudsql-proxy cloudsql cloud_sql_proxy",
        "cloud-sql-proxy gce-proxy cloudsql-docker/gce-proxy",
    ),
    ("AlloyDB proxy", "alloydb-auth-proxy", "alloydb-auth-proxy"),
    ("PgBouncer", "pgbouncer", "bitnami/pgbouncer edoburu/pgbouncer pgbouncer"),
    (
        "OAuth2 proxy",
        "oauth2-proxy oauth-proxy",
        "oauth2-proxy oauth2-proxy/oauth2-proxy openshift/oauth-proxy origin-oauth-proxy ose-oauth-proxy",
    ),
    (
        "kube-rbac-proxy",
        "kube-rbac-proxy kube-rbac-proxy-main kube-rbac-proxy-self",
        "kube-rbac-proxy ose-kube-rbac-proxy",
    ),
    ("pomerium", "", "pomerium/pomerium"),
    (
        "Fluentd",
        "fluentd fluentd-sidecar",
        "fluentd fluent/fluentd-kubernetes-daemonset fluentd-kubernetes-daemonset fluentd-elasticsearch",
    ),
    (
        "Fluent Bit",
        "fluent-bit fluentbit aws-fluent-bit fluent-bit-sidecar",
        "fluent-bit aws-for-fluent-bit fluent/fluent-bit",
    ),
    ("Filebeat", "filebeat filebeat-sidecar", "beats/filebeat filebeat"),
    ("Metricbeat", "metricbeat", "beats/metricbeat metricbeat"),
    ("Elastic Agent", "elastic-agent", "beats/elastic-agent elastic-agent"),
    ("Promtail", "promtail promtail-sidecar", "grafana/promtail promtail"),
    ("Grafana Agent", "grafana-agent", "grafana/agent grafana/alloy"),
    ("Vector", "vector-agent vector-sidecar", "timberio/vector"),
    ("Logrotate", "logrotate", "logrotate"),
    ("Telegraf", "telegraf telegraf-istio", "telegraf"),
    (
        "StatsD exporter",
        "statsd-exporter statsd",
        "prom/statsd-exporter statsd-exporter statsd/statsd",
    ),
    (
        "Prometheus exporter",
        "jmx-exporter metrics-exporter",
        "jmx-exporter redis_exporter redis-exporter postgres-exporter postgres_exporter mysqld-exporter mysqld_exporter mongodb-exporter mongodb_exporter elasticsearch-exporter elasticsearch_exporter memcached-exporter kafka-exporter php-fpm-exporter php-fpm_exporter blackbox-exporter node-exporter",
    ),
    (
        "Datadog agent",
        "datadog-agent datadog-agent-injected datadog-lib-init datadog-init-apm-inject",
        "datadog/agent  datadog-agent datadog/apm-inject",
    ),
    (
        "AWS X-Ray daemon",
        "aws-xray-daemon xray-daemon x-ray-daemon",
        "aws-xray-daemon xray/aws-xray-daemon",
    ),
    (
        "CloudWatch agent",
        "cloudwatch-agent cwagent",
        "cloudwatch-agent cloudwatch-agent/cloudwatch-agent",
    ),
    ("Jaeger agent", "jaeger-agent", "jaegertracing/jaeger-agent jaeger-agent"),
    (
        "OpenTelemetry collector",
        "otc-container otel-collector otel-agent opentelemetry-collector otel-collector-sidecar",
        "opentelemetry-collector opentelemetry-collector-contrib opentelemetry-collector-k8s aws-otel-collector splunk-otel-collector opentelemetry-operator/collector otelcol",
    ),
    (
        "OpenTelemetry agent installer",
        "opentelemetry-auto-instrumentation opentelemetry-auto-instrumentation-java opentelemetry-auto-instrumentation-python opentelemetry-auto-instrumentation-nodejs opentelemetry-auto-instrumentation-dotnet",
        "autoinstrumentation-java autoinstrumentation-python autoinstrumentation-nodejs autoinstrumentation-dotnet autoinstrumentation-go autoinstrumentation-apache-httpd",
    ),
    (
        "Dynatrace OneAgent installer",
        "install-oneagent dynatrace-operator",
        "dynatrace/oneagent dynatrace-codemodules linux/codemodules",
    ),
    (
        "New Relic agent installer",
        "newrelic-instrumentation newrelic-agent",
        "newrelic/newrelic-java-init newrelic/newrelic-python-init newrelic/newrelic-node-init newrelic/newrelic-dotnet-init newrelic/infrastructure",
    ),
    (
        "Instana agent installer",
        "instana-instrumentation-init",
        "instana/instrumentation instana/instana-agent-operator",
    ),
    (
        "Config reloader",
        "config-reloader configmap-reload configmap-reloader prometheus-config-reloader rules-configmap-reloader",
        "prometheus-config-reloader configmap-reload config-reloader prometheus-operator/prometheus-config-reloader configmap-reload/configmap-reload",
    ),
    (
        "k8s-sidecar",
        "k8s-sidecar grafana-sc-dashboard grafana-sc-datasources grafana-sc-alerts config-reload",
        "kiwigrid/k8s-sidecar k8s-sidecar",
    ),
    ("git-sync", "git-sync git-sync-init", "git-sync git-sync/git-sync"),
    (
        "Cluster DNS cache",
        "",
        "dns/k8s-dns-node-cache k8s-dns-node-cache k8s-dns-sidecar k8s-dns-dnsmasq-nanny",
    ),
    (
        "CSI sidecar",
        "csi-provisioner csi-attacher csi-resizer csi-snapshotter csi-node-driver-registrar node-driver-registrar csi-livenessprobe liveness-probe",
        "sig-storage/csi-provisioner sig-storage/csi-attacher sig-storage/csi-resizer sig-storage/csi-snapshotter sig-storage/csi-node-driver-registrar sig-storage/livenessprobe",
    ),
    ("Cloud Storage FUSE", "gke-gcsfuse-sidecar", "gcs-fuse-csi-driver-sidecar-mounter"),
    ("Knative queue proxy", "queue-proxy", "serving/cmd/queue knative-releases/queue"),
    ("Argo executor", "argoexec", "argoproj/argoexec argoexec"),
    ("Tekton helper", "place-scripts working-dir-initializer", "tektoncd/pipeline/cmd/entrypoint"),
    (
        "Aerospike exporter",
        "aerospike-prometheus-exporter",
        "aerospike-prometheus-exporter aerospike/aerospike-prometheus-exporter aerospike-kubernetes-init",
    ),
    ("Network multitool", "", "network-multitool netshoot"),
    ("Pause", "pause", "pause google_containers/pause"),
)

_NAMES: dict[str, str] = {name: what for what, names, _ in _ROWS for name in names.split()}
_REPOSITORIES: dict[str, str] = {
    repository: what for what, _, repositories in _ROWS for repository in repositories.split()
}
_LONGEST = 1 + max(repository.count("/") for repository in _REPOSITORIES)


def known(name: str, image: str) -> str | None:
    """What a well-known sidecar is, by its container's name or its image; None for anything else."""
    if what := _NAMES.get(name):
        return what
    path = image.partition("@")[0]
    folder, slash, last = path.rpartition("/")
    segments = [*folder.split("/"), last.partition(":")[0]] if slash else [last.partition(":")[0]]
    for count in range(1, min(len(segments), _LONGEST) + 1):
        if what := _REPOSITORIES.get("/".join(segments[-count:])):
            return what
    return None
