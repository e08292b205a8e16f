"""Which language an image of a known name runs: official images, publishers, servers.

A language with a leading "~" is one that no agent serves, or a program that is none of ours.
"""

from collections.abc import Mapping

from webhook.model import NATIVE


def _table(*rows: tuple[str, str]) -> dict[str, str]:
    return {name: language for language, names in rows for name in names.split()}


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


RUNTIMES: Mapping[str, str] = _table(
    ("python", "python"),
    ("nodejs", "node"),
    ("go", "golang"),
    (
        "java",
        """openjdk eclipse-temurin amazoncorretto ibm-semeru-runtimes sapmachine ibmjava java
        adoptopenjdk""",
    ),
)
"""Docker's official images of a runtime: the tag starts with the runtime's version."""

JAVA_TOOLS = frozenset({"maven", "gradle", "tomcat", "tomee", "jetty", "groovy", "clojure"})
"""Docker's official images whose tag names the JDK after the product: `tomcat:10.1-jdk17`."""

DISTRIBUTIONS: Mapping[str, str] = {
    "alpine": "musl",
    "debian": "glibc",
    "ubuntu": "glibc",
    "fedora": "glibc",
    "amazonlinux": "glibc",
    "oraclelinux": "glibc",
    "rockylinux": "glibc",
    "almalinux": "glibc",
    "centos": "glibc",
    "photon": "glibc",
    "buildpack-deps": "glibc",
    "opensuse/leap": "glibc",
    "opensuse/tumbleweed": "glibc",
    "rockylinux/rockylinux": "glibc",
    "bitnami/minideb": "glibc",
}
"""Operating systems without a runtime; what is started in them is not theirs to say."""

PRODUCTS: Mapping[str, str] = _table(
    (
        "java",
        """kafka zookeeper cassandra solr elasticsearch opensearch logstash keycloak jenkins wildfly
        activemq neo4j flink nifi sonarqube nexus3 nexus artemis orientdb storm pulsar liferay
        websphere-liberty open-liberty geonetwork xwiki lightstreamer trino presto hbase hadoop
        hive druid pinot schema-registry kafka-connect ksqldb-server""",
    ),
    ("python", "airflow superset mlflow plone hylang"),
    ("nodejs", "ghost n8n express mongo-express kibana parse node-red"),
    (
        "go",
        """grafana prometheus alertmanager traefik etcd consul vault nomad caddy telegraf registry
        nats minio cadvisor blackbox-exporter external-dns metrics-server thanos loki promtail
        tempo mimir harbor-core gitea pushgateway""",
    ),
    ("~Ruby", "ruby redmine rails fluentd"),
    ("~PHP", "php wordpress drupal joomla nextcloud matomo mediawiki phpmyadmin composer php-fpm"),
    ("~nginx", "nginx openresty"),
    ("~Apache httpd", "httpd apache"),
    ("~HAProxy", "haproxy"),
    ("~Varnish", "varnish"),
    ("~Envoy", "envoy"),
    ("~Redis", "redis valkey redis-cluster redis-sentinel keydb"),
    ("~Memcached", "memcached"),
    ("~PostgreSQL", "postgres postgresql postgresql-repmgr postgis pgbouncer pgpool"),
    ("~MySQL", "mysql mariadb percona mariadb-galera"),
    ("~MongoDB", "mongo mongodb mongodb-sharded"),
    ("~ClickHouse", "clickhouse clickhouse-server"),
    ("~Erlang", "rabbitmq erlang elixir couchdb emqx"),
    ("~Rust", "rust"),
    ("~Swift", "swift"),
    ("~Perl", "perl"),
    ("~Haskell", "haskell"),
    ("~Julia", "julia"),
    ("~R", "r-base"),
    ("~Dart", "dart"),
    ("~C", "gcc"),
    ("~BusyBox", "busybox"),
    ("~Bun", "bun"),
    ("~Deno", "deno"),
    ("~PyPy", "pypy"),
    ("~Fluent Bit", "fluent-bit"),
)
"""Programs by the name that Docker's official images and Bitnami give them; tags are their own."""

OWNED: Mapping[str, str] = _table(
    (
        "java",
        """keycloak/keycloak strimzi/kafka confluentinc/cp-kafka confluentinc/cp-zookeeper
        confluentinc/cp-schema-registry confluentinc/cp-kafka-connect confluentinc/cp-server
        confluentinc/cp-ksqldb-server confluentinc/cp-kafka-rest apache/kafka
        apache/activemq-artemis apache/activemq-classic apache/pulsar apache/flink apache/nifi
        apache/tika apache/zeppelin apache/druid apache/solr apache/hive apache/hadoop
        jenkins/jenkins jenkins/inbound-agent jenkins/agent elasticsearch/elasticsearch
        logstash/logstash opensearchproject/opensearch
        opensearchproject/logstash-oss-with-opensearch-output-plugin sonatype/nexus3
        wildfly/wildfly jboss/wildfly jboss/keycloak openzipkin/zipkin metabase/metabase
        trinodb/trino prestodb/presto apicurio/apicurio-registry hazelcast/hazelcast
        infinispan/server camunda/camunda-bpm-platform camunda/zeebe provectuslabs/kafka-ui
        obsidiandynamics/kafdrop wiremock/wiremock neo4j/neo4j graylog/graylog
        atlassian/jira-software atlassian/confluence appcafe/open-liberty""",
    ),
    (
        "python",
        """apache/airflow apache/superset getsentry/sentry dpage/pgadmin4 jupyterhub/jupyterhub
        jupyterhub/k8s-hub homeassistant/home-assistant saleor/saleor netboxcommunity/netbox
        locustio/locust prefecthq/prefect kiwigrid/k8s-sidecar paperless-ngx/paperless-ngx""",
    ),
    (
        "nodejs",
        """n8nio/n8n kibana/kibana nodered/node-red louislam/uptime-kuma strapi/strapi
        directus/directus outlinewiki/outline backstage/backstage wekanteam/wekan requarks/wiki
        verdaccio/verdaccio""",
    ),
    (
        "go",
        """grafana/grafana grafana/loki grafana/tempo grafana/mimir grafana/promtail grafana/agent
        grafana/alloy grafana/k6 prom/prometheus prom/alertmanager prom/node-exporter
        prom/pushgateway prom/blackbox-exporter prometheus/prometheus prometheus/alertmanager
        prometheus/node-exporter prometheus/blackbox-exporter prometheus/pushgateway
        traefik/traefik coreos/etcd hashicorp/consul hashicorp/vault hashicorp/nomad
        argoproj/argocd argoproj/argoexec argoproj/workflow-controller minio/minio
        jaegertracing/all-in-one jaegertracing/jaeger cilium/cilium calico/node gitea/gitea
        cloudflare/cloudflared dexidp/dex thanosio/thanos thanos/thanos
        kube-state-metrics/kube-state-metrics metrics-server/metrics-server coredns/coredns
        jetstack/cert-manager-controller victoriametrics/victoria-metrics vmware/velero
        velero/velero fluxcd/source-controller rancher/rancher oauth2-proxy/oauth2-proxy
        openpolicyagent/opa beats/filebeat beats/metricbeat cockroachdb/cockroach dgraph/dgraph""",
    ),
    (NATIVE, "apache/kafka-native"),
    ("~Ruby", "gitlab/gitlab-ce gitlab/gitlab-ee fluent/fluentd discourse/base mastodon/mastodon"),
    ("~nginx", "nginxinc/nginx-unprivileged openresty/openresty ingress-nginx/controller"),
    ("~Envoy", "envoyproxy/envoy"),
    ("~Fluent Bit", "fluent/fluent-bit"),
    ("~Rust", "linkerd/proxy qdrant/qdrant getmeili/meilisearch timberio/vector"),
    ("~Bun", "oven/bun"),
    ("~Deno", "denoland/deno"),
    ("~ClickHouse", "clickhouse/clickhouse-server yandex/clickhouse-server"),
    ("~PostgreSQL", "postgis/postgis timescale/timescaledb pgvector/pgvector edoburu/pgbouncer"),
    ("~Redis", "redis/redis-stack redis/redis-stack-server valkey/valkey eqalpha/keydb"),
    ("~Erlang", "emqx/emqx"),
    ("~C++", "scylladb/scylla redpandadata/redpanda"),
)
"""`owner/name` of other people's servers, wherever a mirror keeps them; tags are their own."""

JAVA_BUILDS = _names(
    """azul/zulu-openjdk azul/zulu-openjdk-alpine azul/zulu-openjdk-debian azul/zulu-openjdk-centos
    azul/zulu-openjdk-distroless azul/prime bellsoft/liberica-openjdk-alpine
    bellsoft/liberica-openjdk-alpine-musl bellsoft/liberica-openjdk-debian
    bellsoft/liberica-openjdk-centos bellsoft/liberica-openjre-alpine
    bellsoft/liberica-openjre-alpine-musl bellsoft/liberica-openjre-debian
    bellsoft/liberica-runtime-container amazoncorretto/amazoncorretto graalvm/jdk-community
    openjdk/jdk java/openjdk java/jdk adoptopenjdk/openjdk8 adoptopenjdk/openjdk11"""
)
"""`owner/name` of Java builds whose tag starts with Java's version."""

BITNAMI = frozenset({"bitnami", "bitnamilegacy", "bitnamisecure"})

BITNAMI_RUNTIMES: Mapping[str, str] = _table(
    ("java", "java jre"),
    ("python", "python"),
    ("nodejs", "node node-min"),
    ("go", "golang"),
    ("dotnet", "dotnet dotnet-sdk aspnet-core"),
)
"""Bitnami's images of a runtime (also `BITNAMI_APP_NAME`): their version is the runtime's."""


def bitnami_product(name: str) -> str | None:
    """The language of Bitnami's image of a server."""
    return "java" if name == "tomcat" else PRODUCTS.get(name)


CHAINGUARD_RUNTIMES: Mapping[str, str] = _table(
    (
        "java",
        "jdk jre adoptium-jdk adoptium-jre amazon-corretto-jdk amazon-corretto-jre maven gradle",
    ),
    ("python", "python"),
    ("nodejs", "node"),
    ("go", "go"),
    ("dotnet", "dotnet-sdk dotnet-runtime aspnet-runtime"),
)

DOTNET = frozenset({"aspnet", "runtime", "sdk", "monitor"})
"""Microsoft's images with a .NET runtime inside, under `dotnet/`."""

WORDS: Mapping[str, str] = _table(
    ("java", "java jvm jdk jre springboot spring tomcat kotlin quarkus"),
    ("python", "python python3 py django flask fastapi"),
    ("nodejs", "nodejs nextjs nestjs"),
    ("dotnet", "dotnet aspnet aspnetcore csharp"),
    ("go", "golang go"),
    ("~Ruby", "ruby rails"),
    ("~PHP", "php laravel"),
    ("~nginx", "nginx"),
    ("~Rust", "rust"),
)
"""Words in other people's names. `node` is missing: node-exporter, csi-node and calico/node are
about machines."""
