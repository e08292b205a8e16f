"""Programs known by name: which of our languages they run in.

Only what is sure belongs here. A program that comes in several implementations, or that anybody
might give their own the same name, stays out: no language is better than a wrong one.
"""

JAVA = (
    # the runtime, its tools, and languages on top of it
    "java jshell javac jcmd jlink jrunscript kotlin scala scala-cli groovy clojure clj lein jruby"
    " jython jbang mvn mvnw gradle gradlew sbt spark-submit spark-class"
    # servlet containers and application servers
    " catalina.sh run-java.sh jetty.sh kc.sh standalone.sh domain.sh asadmin openshift-launch.sh"
    " tomee.sh startWebLogic.sh karaf"
    # servers
    " kafka-server-start.sh kafka-server-start connect-distributed.sh connect-distributed"
    " connect-standalone.sh schema-registry-start ksql-server-start zkServer.sh"
    " zookeeper-server-start.sh cassandra solr activemq artemis nexus jenkins.sh jenkins-agent"
    " sonar.sh trino presto-server neo4j elasticsearch opensearch logstash jobmanager.sh"
    " taskmanager.sh hiveserver2 hbase pinot-admin.sh nifi.sh wiremock hazelcast-start liquibase"
    " flyway jmeter gatling.sh pulsar"
)

PYTHON = (
    "python python2 python3 ipython ipython3 bpython"
    # servers and workers
    " gunicorn uvicorn hypercorn daphne granian waitress-serve celery flask django-admin"
    " django-admin.py fastapi litestar sanic robyn uwsgi uwsgi-core pserve mod_wsgi-express"
    " gunicorn3 rq rqworker rqscheduler dramatiq huey_consumer huey_consumer.py arq taskiq faust"
    " twistd aiohttp-devtools adev"
    # applications and tools
    " streamlit jupyter jupyter-lab jupyter-notebook jupyterhub jupyterhub-singleuser"
    " start-notebook.sh start-notebook.py airflow superset mlflow dagster dagster-webserver"
    " dagster-daemon dagit prefect luigid kedro voila bokeh chainlit gradio dask dask-scheduler"
    " dask-worker distributed ray locust pytest py.test tox nox pip pip3 alembic ansible"
    " ansible-playbook sphinx-build mkdocs scrapy scrapyd great_expectations dbt meltano patronictl"
    " patroni pgadmin4 salt-master salt-minion salt-api bentoml vllm litellm torchrun accelerate"
    " open-webui kopf flower odoo odoo-bin httpbin carbon-cache.py esphome devpi-server pypi-server"
    " nbviewer rasa"
)

NODEJS = (
    "node nodejs npm npx yarn yarnpkg pnpm pnpx corepack nodemon pm2 pm2-runtime pm2-docker"
    " pm2-dev forever ts-node ts-node-dev ts-node-esm tsx node-dev vite-node esno zx babel-node"
    # servers, frameworks and process keepers
    " next nest nuxt nuxi gatsby ng astro remix-serve react-router-serve strapi medusa"
    " moleculer-runner fastify probot http-server node-red n8n ghost verdaccio directus json-server"
    " webpack webpack-dev-server vite vue-cli-service react-scripts"
    # runners and tools
    " npm-run-all npm-run-all2 run-s run-p concurrently gulp grunt jest mocha vitest eslint tsc"
    " prisma sequelize sequelize-cli knex typeorm mikro-orm db-migrate lerna storybook"
    " start-storybook artillery newman mongosh kibana kibana-docker uptime-kuma etherpad hubot"
    " wait-port"
)

GO = (
    "go dlv prometheus promtool alertmanager pushgateway blackbox_exporter node_exporter"
    " postgres_exporter redis_exporter mysqld_exporter snmp_exporter mongodb_exporter"
    " kafka_exporter statsd_exporter elasticsearch_exporter nginx-prometheus-exporter"
    " nginx-exporter traefik caddy coredns etcd consul vault nomad terraform packer grafana"
    " grafana-server loki mimir promtail thanos grafana-agent pyroscope minio nats-server"
    " nats-streaming-server influxd telegraf otelcol otelcol-contrib otelcol-k8s jaeger-all-in-one"
    " jaeger-agent jaeger-collector jaeger-query jaeger-ingester kubectl helm argocd argocd-server"
    " argocd-repo-server argocd-application-controller workflow-controller oauth2-proxy rclone"
    " restic hugo gitea forgejo drone-server woodpecker-server k6 cloudflared cockroach dgraph"
    " victoria-metrics-prod victoria-metrics vmagent vmagent-prod vmalert vmalert-prod vminsert"
    " vmselect vmstorage vmauth external-dns kube-state-metrics kube-proxy kube-apiserver"
    " kube-scheduler kube-controller-manager kubelet metrics-server cluster-autoscaler"
    " cloud-sql-proxy cloud_sql_proxy daprd temporal-server weed kube-rbac-proxy configmap-reload"
    " velero consul-template weaviate centrifugo buildkitd containerd dockerd ollama syncthing"
    " pocketbase step-ca oathkeeper imgproxy mailpit MailHog toxiproxy-server hey vegeta ghz"
    " grpcurl grpc_health_probe pilot-discovery pilot-agent cilium-agent cilium-operator"
    " calico-node flanneld nginx-ingress-controller nginx-ingress rqlited litestream benthos"
    " redpanda-connect watchtower filebeat metricbeat packetbeat auditbeat apm-server sops yq"
    " pulumi shell-operator ansible-operator helm-operator tofu tflint gitlab-runner trivy"
    " temporal skaffold crane ko goreleaser"
)

PROGRAMS: dict[str, str] = {
    name: language
    for language, names in (
        ("java", JAVA),
        ("python", PYTHON),
        ("nodejs", NODEJS),
        ("go", GO),
        ("dotnet", "dotnet"),
    )
    for name in names.split()
}
"""Basename of a program → the language it runs in."""

_MANAGER_NAMES = (
    "supervisord s6-svscan s6-linux-init runit runit-init runsvdir runsvinit runsvdir-start"
    " foreman forego honcho overmind hivemind goreman circusd monit systemd my_init multirun"
    " process-compose mprocs chaperone cron crond supercronic start-stop-daemon dinit openrc-init"
    " pebble ofelia"
)
MANAGERS = frozenset(_MANAGER_NAMES.split())
"""Programs that start others, which their configuration names."""

SUFFIXES: dict[str, tuple[str | None, str | None]] = {
    ".jar": ("java", None),
    ".war": ("java", None),
    ".dll": ("dotnet", None),
    ".py": ("python", None),
    ".pyc": ("python", None),
    ".pyz": ("python", None),
    ".pex": ("python", None),
    ".js": ("nodejs", None),
    ".mjs": ("nodejs", None),
    ".cjs": ("nodejs", None),
    ".rb": (None, "Ruby"),
    ".ru": (None, "Ruby"),
    ".php": (None, "PHP"),
    ".phar": (None, "PHP"),
    ".pl": (None, "Perl"),
    ".psgi": (None, "Perl"),
    ".lua": (None, "Lua"),
    ".exs": (None, "Elixir"),
    ".R": (None, "R"),
    ".jl": (None, "Julia"),
    ".tcl": (None, "Tcl"),
    ".awk": (None, "awk"),
    ".ps1": (None, "PowerShell"),
}
"""The end of a script's name → one of our languages, or what else it is."""
