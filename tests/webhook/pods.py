"""Hypothesis strategies for pods: ordinary ones, odd ones, and ones that try to trip us up."""

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

_NAMES = ("app", "web", "worker", "istio-proxy", "db", "spanhook-agent-java", "x" * 63)

_IMAGES = (
    "acme/cart:1.4.2",
    "python:3.12-slim",
    "python:3.8",
    "node:22",
    "node:16-alpine",
    "docker.io/library/eclipse-temurin:21-jre",
    "openjdk:8-jre",
    "mcr.microsoft.com/dotnet/aspnet:8.0-alpine",
    "mcr.microsoft.com/dotnet/aspnet:6.0",
    "golang:1.24",
    "istio/proxyv2:1.29.0",
    "nginx",
    "registry.example:5000/team/app@sha256:" + "a" * 64,
    "NOT A REFERENCE",
    "",
)

_COMMANDS: tuple[list[str] | None, ...] = (
    None,
    [],
    ["python", "app.py"],
    ["python3", "-I", "app.py"],
    ["gunicorn", "-w", "2", "shop:app"],
    ["sh", "-c", "exec java $JAVA_OPTS -jar /app.jar"],
    ["java", "-javaagent:/opt/dd-java-agent.jar", "-jar", "app.jar"],
    ["tini", "--", "node", "server.js"],
    ["dotnet", "Exchange.dll"],
    ["/ko-app/stock"],
    ["ddtrace-run", "python", "app.py"],
    ["opentelemetry-instrument", "flask", "run"],
    ["sh", "-c", "node a.js & python b.py"],
    ["./application", "-Dquarkus.http.host=0.0.0.0"],
    ["/app/server"],
    ["nginx", "-g", "daemon off;"],
    ["$(CMD)"],
    ["ünïcode", "🚀"],
)

_VARIABLES = (
    "JAVA_TOOL_OPTIONS",
    "PYTHONPATH",
    "NODE_OPTIONS",
    "DOTNET_STARTUP_HOOKS",
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_TRACES_SAMPLER",
    "OTEL_SDK_DISABLED",
    "SPANHOOK_POD_NAME",
    "SPANHOOK_ORIGINAL_JAVA_TOOL_OPTIONS",
    "JAVA_VERSION",
    "JAVA_OPTS",
    "DD_SERVICE",
    "FOO",
    "BAR",
)

_VALUES = (
    "",
    " ",
    "x",
    "-Xmx256m",
    "/app:/lib",
    "$(FOO)",
    "$$(FOO)",
    "a$",
    "service.name=mine,team=shop",
    "true",
    "k8s.pod.name=forged",
    "🚀 ünïcode",
    "x" * 1000,
)

CONFIG_MAPS = {
    ("shop", "settings"): {"JAVA_TOOL_OPTIONS": "-Xss1m", "FOO": "from-map", "OTEL_LOG_LEVEL": "x"},
    ("shop", "python"): {"PYTHONPATH": "/from/map", "NODE_OPTIONS": "--trace-warnings"},
    ("shop", "empty"): {},
}


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def _object(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """An object in which every member may be absent."""
    return st.fixed_dictionaries({}, optional=members)


_references = st.one_of(
    st.sampled_from(["metadata.name", "spec.nodeName"]).map(
        lambda path: {"fieldRef": {"fieldPath": path}}
    ),
    st.booleans().map(
        lambda optional: {"secretKeyRef": {"name": "s", "key": "k", "optional": optional}}
    ),
    st.just({"configMapKeyRef": {"name": "settings", "key": "FOO"}}),
)

_variable = st.one_of(
    st.builds(
        lambda name, value: {"name": name, "value": value},
        st.sampled_from(_VARIABLES),
        _maybe(st.sampled_from(_VALUES)),
    ),
    st.builds(lambda name: {"name": name}, st.sampled_from(_VARIABLES)),
    st.builds(
        lambda name, source: {"name": name, "valueFrom": source},
        st.sampled_from(_VARIABLES),
        _references,
    ),
)

_env_from = st.one_of(
    st.sampled_from(["settings", "python", "empty", "unread"]).map(
        lambda name: {"configMapRef": {"name": name}}
    ),
    st.just({"secretRef": {"name": "keys"}}),
    st.just({"prefix": "DB_", "secretRef": {"name": "keys"}}),
)

_resources = _object(
    limits=_maybe(
        _object(
            cpu=st.sampled_from(["500m", "1"]),
            memory=st.sampled_from(["32Mi", "512Mi", "1e9", "2Gi"]),
            **{"ephemeral-storage": st.sampled_from(["1Mi", "4Gi"])},
        )
    ),
    requests=_object(
        cpu=st.sampled_from(["250m", "1"]),
        memory=st.sampled_from(["16Mi", "512Mi"]),
        **{"example.com/gpu": st.just("1")},
    ),
)

_security = _object(
    runAsUser=st.sampled_from([0, 1000, 65534]),
    runAsNonRoot=st.booleans(),
    seccompProfile=st.just({"type": "RuntimeDefault"}),
)

_mount = st.sampled_from(
    [
        {"name": "data", "mountPath": "/data"},
        {"name": "data", "mountPath": "/spanhook/python"},
        {"name": "spanhook-agent-nodejs", "mountPath": "/elsewhere"},
    ]
)


def _container(name: str) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {"name": st.just(name), "image": st.sampled_from(_IMAGES)},
        optional={
            "command": st.sampled_from(_COMMANDS),
            "args": _maybe(st.sampled_from([[], ["server.js"], ["-jar", "app.jar"], ["$(X)"]])),
            "env": _maybe(st.lists(_variable, max_size=6)),
            "envFrom": _maybe(st.lists(_env_from, max_size=3)),
            "resources": _maybe(_resources),
            "securityContext": _maybe(_security),
            "volumeMounts": _maybe(st.lists(_mount, max_size=1)),
            "livenessProbe": st.just({"exec": {"command": ["java", "-jar", "probe.jar"]}}),
            "futureField": st.just({"kept": [1, None, {}]}),
        },
    )


def _containers(sidecars: bool) -> st.SearchStrategy[list[Json]]:
    def build(names: list[str]) -> st.SearchStrategy[list[Json]]:
        return st.tuples(*map(_container, names)).map(list)

    lists = st.lists(
        st.sampled_from(_NAMES), unique=True, min_size=0 if sidecars else 1, max_size=3
    )
    if not sidecars:
        return lists.flatmap(build)
    renamed = lists.map(lambda names: [f"init-{name}"[:63] for name in names]).flatmap(build)
    return st.tuples(renamed, st.lists(st.booleans(), min_size=3, max_size=3)).map(
        lambda pair: [
            {**container, "restartPolicy": "Always"} if native else container
            for container, native in zip(*pair, strict=False)
        ]
    )


_annotations = st.fixed_dictionaries(
    {},
    optional={
        "note": st.just("kept"),
        "spanhook.dev/languages": st.sampled_from(
            ["app=python", "app=none", "web=java,worker=go", "app=cobol", "app", "init-app=nodejs"]
        ),
        "spanhook.dev/libc": st.sampled_from(["app=musl", "app=bsd"]),
        "spanhook.dev/service-name": st.sampled_from(["shop", "", "ünï, code=1"]),
        "spanhook.dev/signals": st.sampled_from(["traces", "traces,logs", "smoke"]),
        "spanhook.dev/sampling-ratio": st.sampled_from(["0.1", "1.5", "nan", "x"]),
        "spanhook.dev/resource.team": st.sampled_from(["shop", "a,b=c $(FOO)", ""]),
        "instrumentation.opentelemetry.io/inject-java": st.sampled_from(["true", "false", "my/cr"]),
        "instrumentation.opentelemetry.io/inject-python": st.sampled_from(["true", "FALSE"]),
        "instrumentation.opentelemetry.io/container-names": st.sampled_from(
            ["app", "app,web", ","]
        ),
        "spanhook.dev/status": st.sampled_from(["", "{}", '{"v":1}', "no json"]),
        "spanhook.dev/config-hash": st.just("0123"),
    },
)

_labels = st.fixed_dictionaries(
    {},
    optional={
        "app.kubernetes.io/name": st.sampled_from(["cart", ""]),
        "app.kubernetes.io/version": st.just("2.0"),
        "pod-template-hash": st.just("7d9f8"),
        "spanhook.dev/instrument": st.sampled_from(["enabled", "disabled", "yes"]),
        "spanhook.dev/injected": st.sampled_from(["true", "false"]),
    },
)

_metadata = _object(
    name=st.just("cart-7d9f8-x2x4z"),
    generateName=st.just("cart-7d9f8-"),
    labels=_maybe(_labels),
    annotations=_maybe(_annotations),
    ownerReferences=_maybe(
        st.just([{"kind": "ReplicaSet", "name": "cart-7d9f8", "controller": True}])
    ),
    managedFields=st.just([{"manager": "kube-controller-manager"}]),
)

_spec = st.fixed_dictionaries(
    {"containers": _containers(sidecars=False)},
    optional={
        "initContainers": _maybe(_containers(sidecars=True)),
        "volumes": _maybe(
            st.lists(
                st.sampled_from(
                    [
                        {"name": "data", "emptyDir": {}},
                        {"name": "spanhook-agent-python", "secret": {"secretName": "x"}},
                        {"name": "spanhook-agent-nodejs", "emptyDir": {}},
                    ]
                ),
                unique_by=lambda volume: volume["name"],
                max_size=2,
            )
        ),
        "securityContext": _maybe(_security),
        "serviceAccountName": st.just("default"),
    },
)

pods: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {"spec": _spec},
    optional={
        "metadata": _maybe(_metadata),
        "apiVersion": st.just("v1"),
        "kind": st.just("Pod"),
        "status": st.just({}),
    },
)
"""Pods of every shape that the core has to bear."""
