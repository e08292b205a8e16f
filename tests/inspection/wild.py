"""Images whose configuration leaves open what they run, in the shapes that people build.

Sizes are those of the real ones: what matters is where in an image the entry lies. `modelled` are
after public images that the labelled set calls untellable; the others are what teams build.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.inspection import bases
from tests.inspection.trees import binary, files, layer
from tests.registry import images
from tests.registry.images import Image
from tests.webhook.images.layers.elves import NOTE_OF_GO, build_information
from tests.webhook.images.layers.surveys import Member, link, program, text

MEGABYTE = 1 << 20
Layers = Callable[[int], list[list[Member]]]

GLIBC = "/lib64/ld-linux-x86-64.so.2"
MUSL = "/lib/ld-musl-x86_64.so.1"


@dataclass(frozen=True, slots=True)
class Case:
    """An image by its base and own layers, and what it is: `language` None where nothing tells."""

    name: str
    language: str | None
    base: str
    command: Sequence[str]
    layers: Layers
    version: str | None = None
    libc: str | None = None
    environment: Sequence[str] = ()
    modelled: bool = False
    directory: str = "/app"

    def image(self, scale: int = MEGABYTE) -> Image:
        """The image; `scale` is what counts as a megabyte."""
        own = tuple(layer(members) for members in self.layers(scale))
        environment = [bases.PATH, *self.environment]
        configuration = images.config(
            Env=environment, Cmd=list(self.command), WorkingDir=self.directory
        )
        return images.image(*bases.layers(self.base, scale), *own, configuration=configuration)


def go(megabytes: float, scale: int, version: str = "go1.26.1") -> bytes:
    """A Go program."""
    return binary(int(megabytes * scale), note=NOTE_OF_GO, data=build_information(version=version))


def host(interpreter: str) -> bytes:
    """.NET's apphost."""
    return binary(70_000, interpreter=interpreter, names=b"\0hostfxr_main_startupinfo\0")


def script(path: str, *lines: str) -> Member:
    """A shell script."""
    return program(path, "\n".join(["#!/bin/sh", "set -e", *lines, ""]))


def framework(name: str, version: str) -> str:
    """A runtimeconfig.json."""
    return f'{{"runtimeOptions": {{"framework": {{"name": "{name}", "version": "{version}"}}}}}}'


def included(version: str) -> str:
    """A runtimeconfig.json of an application that brings its runtime along."""
    one = f'{{"name": "Microsoft.NETCore.App", "version": "{version}"}}'
    return f'{{"runtimeOptions": {{"includedFrameworks": [{one}]}}}}'


def _self_contained(scale: int, interpreter: str = GLIBC, before: int = 4) -> list[Member]:
    """`before`: megabytes of Microsoft's libraries, whose names stand before the application's."""
    return [
        *files("app/Microsoft", 60, before * scale, ".dll"),
        program("app/Orders", host(interpreter)),
        text("app/Orders.deps.json", "{}"),
        Member("app/Orders.dll", content=b"MZ" + bytes(4000)),
        text("app/Orders.runtimeconfig.json", included("9.0.4")),
        *files("app/System", 160, 70 * scale, ".dll"),
        Member("app/libcoreclr.so", content=bytes(1000)),
    ]


def _venv(scale: int, entry: Member) -> list[Member]:
    return [
        entry,
        link("app/.venv/bin/python", "/usr/bin/python3.12"),
        *files("app/.venv/lib/python3.12/site-packages/big", 400, 70 * scale, ".py"),
        *files("app/orders", 30, scale, ".py"),
    ]


def _gradle(scale: int) -> list[Member]:
    return [
        script("app/bin/orders", "APP_HOME=/app", "JAVACMD=java", 'exec "$JAVACMD" "$@"'),
        *files("app/lib", 60, 45 * scale, ".jar"),
    ]


_CONSOLE = "#!/app/.venv/bin/python\nimport sys\nfrom orders import main\nsys.exit(main())\n"

TEAMS: tuple[Case, ...] = (
    Case("Go on nothing", "go", "scratch", ["/server"],
         lambda s: [[program("server", go(14, s))]], "1.26.1"),
    Case("Go on nothing, certificates above", "go", "scratch", ["/server"],
         lambda s: [[program("server", go(9, s))], files("etc/ssl", 3, s // 4)], "1.26.1"),
    Case("Go on distroless static", "go", "static", ["/orders"],
         lambda s: [[program("orders", go(22, s))]], "1.26.1"),
    Case("Go on distroless base, with its libc", "go", "static", ["/app/orders"],
         lambda s: [files("usr/lib/x86_64-linux-gnu", 9, 14 * s),
                    [program("app/orders", go(30, s))]],
         "1.26.1"),
    Case("Go on Alpine, with web files", "go", "alpine", ["./app"],
         lambda s: [files("usr/share/zoneinfo", 300, s), [program("app/app", go(18, s))],
                    files("app/web", 200, 6 * s)], "1.26.1"),
    Case("Go on Debian", "go", "debian", ["/usr/local/bin/gateway"],
         lambda s: [[program("usr/local/bin/gateway", go(40, s))]], "1.26.1"),
    Case("Go on UBI, by a script", "go", "debian", ["/entrypoint.sh"],
         lambda s: [[program("app/api", go(25, s))],
                    [script("entrypoint.sh", 'exec /app/api --port "$PORT"')]], "1.26.1"),
    Case("Go, an old one", "go", "alpine", ["/bin/worker"],
         lambda s: [[program("bin/worker", go(11, s, "go1.17.3"))]], "1.17.3"),
    Case(".NET self-contained on Debian", "dotnet", "debian", ["./Orders"],
         lambda s: [_self_contained(s)], "9.0.4", "glibc"),
    Case(".NET self-contained on Alpine", "dotnet", "alpine", ["./Orders"],
         lambda s: [files("usr/lib", 8, 3 * s), _self_contained(s, MUSL)], "9.0.4", "musl"),
    Case("ASP.NET self-contained on Debian", "dotnet", "debian", ["./Orders"],
         lambda s: [_self_contained(s, before=28)], "9.0.4", "glibc"),
    Case(".NET single file", "dotnet", "debian", ["/app/orders"],
         lambda s: [[program("app/orders", binary(
             72 * s, interpreter=GLIBC, names=b"\0DotNetRuntimeInfo\0"))]], None, "glibc"),
    Case(".NET host on a runtime of the distribution's", "dotnet", "debian", ["./Orders"],
         lambda s: [files("usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.11", 160, 70 * s),
                    [program("app/Orders", host(GLIBC)), Member("app/Orders.dll", content=b"MZ"),
                     text("app/Orders.runtimeconfig.json",
                          framework("Microsoft.NETCore.App", "8.0.0"))]], "8.0.0", "glibc"),
    Case("Python, a venv's own command", "python", "debian", ["/app/.venv/bin/orders"],
         lambda s: [[program("usr/bin/python3.12", binary(7 * s, interpreter=GLIBC)),
                     *files("usr/lib/python3.12", 300, 30 * s, ".py")],
                    _venv(s, program("app/.venv/bin/orders", _CONSOLE))], "3.12"),
    Case("Python by a start script", "python", "debian", ["/app/start.sh"],
         lambda s: [files("usr/lib/python3.11", 300, 30 * s, ".py"), files("opt/deps", 90, 60 * s),
                    [script("app/start.sh", "python manage.py migrate",
                            "exec gunicorn shop.wsgi")]]),
    Case("Python by a script that a script starts", "python", "alpine", ["/docker/entry"],
         lambda s: [files("usr/lib/python3.12", 300, 30 * s, ".py"),
                    [script("docker/entry", 'exec /docker/serve "$@"'),
                     script("docker/serve", "exec uvicorn shop:app --port 80")]]),
    Case("Python, installed for all", "python", "debian", ["orders-api"],
         lambda s: [[program("usr/local/bin/orders-api", _CONSOLE.replace(
                        "/app/.venv/bin/python", "/usr/bin/python3.11")),
                     *files("usr/local/lib/python3.11/dist-packages", 300, 50 * s, ".py")]],
         "3.11"),
    Case("Node.js by a start script", "nodejs", "alpine", ["./start.sh"],
         lambda s: [[program("usr/bin/node", binary(60 * s, interpreter=MUSL))],
                    files("app/node_modules/x", 900, 90 * s, ".js"),
                    [script("app/start.sh", "exec node dist/server.js")]]),
    Case("Node.js, a package's command", "nodejs", "debian", ["orders"],
         lambda s: [[program("usr/bin/node", binary(60 * s, interpreter=GLIBC))],
                    [link("usr/local/bin/orders", "../lib/node_modules/orders/bin/cli.js"),
                     program("usr/local/lib/node_modules/orders/bin/cli.js",
                             "#!/usr/bin/env node\nrequire('..')\n"),
                     *files("usr/local/lib/node_modules/orders/node_modules/x", 500, 40 * s,
                            ".js")]]),
    Case("Node.js, its own executable script", "nodejs", "alpine", ["/app/server"],
         lambda s: [files("app/node_modules/x", 900, 60 * s, ".js"),
                    [program("app/server", "#!/usr/bin/env node\nimport 'x'\n")]]),
    Case("Java, Gradle's start script", "java", "debian", ["/app/bin/orders"],
         lambda s: [files("usr/lib/jvm/java-21", 200, 190 * s), _gradle(s)]),
    Case("Java by a script", "java", "debian", ["/run.sh"],
         lambda s: [files("opt/jdk", 200, 190 * s), files("app/lib", 80, 60 * s, ".jar"),
                    [script("run.sh", "exec java $JAVA_OPTS -jar /app/app.jar")]]),
    Case("Java by jpackage", "java", "debian", ["/opt/orders/bin/orders"],
         lambda s: [[program("opt/orders/bin/orders", binary(20_000, interpreter=GLIBC)),
                     text("opt/orders/lib/app/orders.cfg"),
                     *files("opt/orders/lib/runtime", 60, 90 * s)]]),
    Case("Rust on nothing", None, "scratch", ["/proxy"],
         lambda s: [[program("proxy", binary(12 * s))]]),
    Case("a shell that starts what a variable names", None, "alpine", ["/run.sh"],
         lambda s: [files("app", 40, 20 * s), [script("run.sh", 'exec "$APP"')]]),
)  # fmt: skip

PUBLIC: tuple[Case, ...] = (
    Case("as Grafana", "go", "alpine", ["/run.sh"],
         lambda s: [files("usr/share/grafana/public", 900, 120 * s),
                    [program("usr/share/grafana/bin/grafana", go(180, s))],
                    [script("run.sh", "PERMISSIONS_OK=0", 'exec grafana server "$@"')]],
         "1.26.1", environment=["PATH=/usr/share/grafana/bin:/usr/bin:/bin"], modelled=True),
    Case("as Tempo", "go", "static", ["/tempo"],
         lambda s: [[program("tempo", go(90, s))]], "1.26.1", modelled=True),
    Case("as registry", "go", "alpine", ["/entrypoint.sh", "/etc/docker/registry/config.yml"],
         lambda s: [[program("bin/registry", go(20, s))], [text("etc/docker/registry/config.yml")],
                    [script("entrypoint.sh", 'case "$1" in', '  *.yaml|*.yml) set -- registry serve'
                            ' "$@" ;;', "esac", 'exec "$@"')]], "1.26.1", modelled=True),
    Case("as Vault", "go", "alpine", ["docker-entrypoint.sh", "server", "-dev"],
         lambda s: [[program("bin/vault", go(390, s))],
                    [script("usr/local/bin/docker-entrypoint.sh",
                            'if [ "$1" = server ]; then shift; set -- vault server "$@"; fi',
                            'exec "$@"')]], "1.26.1", modelled=True),
    Case("as Gitea", "go", "alpine", ["/usr/bin/entrypoint", "/usr/bin/s6-svscan", "/etc/s6"],
         lambda s: [[script("usr/bin/entrypoint", 'exec "$@"'), script("etc/s6/gitea/run",
                     "exec su-exec git /usr/local/bin/gitea web"),
                     program("app/gitea/gitea", go(110, s))]], modelled=True),
    Case("as Mattermost", "go", "debian", ["/entrypoint.sh", "mattermost"],
         lambda s: [[*files("mattermost/client", 500, 90 * s),
                     program("mattermost/bin/mattermost", go(160, s))],
                    [script("entrypoint.sh", 'exec "$@"')]], "1.26.1",
         environment=["PATH=/mattermost/bin:/usr/bin:/bin"], modelled=True),
    Case("as Gotenberg", "go", "debian", ["/usr/bin/tini", "--", "gotenberg"],
         lambda s: [files("usr/lib/libreoffice", 300, 400 * s),
                    [program("usr/bin/gotenberg", go(30, s))]], "1.26.1", modelled=True),
    Case("as kaniko", None, "scratch", ["/kaniko/executor"],
         lambda s: [[program("kaniko/executor", binary(40 * s, note=NOTE_OF_GO, data=
                     build_information(
                         path="github.com/GoogleContainerTools/kaniko/cmd/executor")))]],
         modelled=True),
    Case("as LiteLLM", "python", "debian", ["docker/prod_entrypoint.sh", "--port", "4000"],
         lambda s: [[program("usr/bin/litellm", _CONSOLE.replace(
                        "/app/.venv/bin/python", "/usr/bin/python3.13")),
                     *files("usr/lib/python3.13/site-packages", 900, 300 * s, ".py")],
                    files("app/litellm", 200, 30 * s, ".py"),
                    [script("app/docker/prod_entrypoint.sh", 'exec litellm "$@"')]],
         "3.13", modelled=True),
    Case("as Home Assistant", None, "alpine", ["/init"],
         lambda s: [[script("init", "exec s6-svscan /run/service")],
                    files("usr/src/homeassistant", 900, 300 * s, ".py")], modelled=True),
    Case("as Jellyfin", "dotnet", "debian",
         ["./jellyfin/jellyfin", "--datadir", "/config", "--ffmpeg", "/usr/lib/ffmpeg"],
         lambda s: [files("usr/lib/jellyfin-ffmpeg", 20, 150 * s),
                    [program("jellyfin/jellyfin", host(GLIBC)),
                     text("jellyfin/jellyfin.runtimeconfig.json", included("8.0.10")),
                     *files("jellyfin/lib", 300, 120 * s, ".dll")]],
         "8.0.10", "glibc", modelled=True, directory="/"),
    Case("as Elasticsearch", "java", "debian",
         ["/bin/tini", "--", "/usr/local/bin/docker-entrypoint.sh", "eswrapper"],
         lambda s: [files("usr/share/elasticsearch/jdk", 200, 300 * s),
                    files("usr/share/elasticsearch/lib", 90, 300 * s, ".jar"),
                    [script("usr/local/bin/docker-entrypoint.sh",
                            "exec /usr/share/elasticsearch/bin/elasticsearch"),
                     script("usr/share/elasticsearch/bin/elasticsearch",
                            'exec "$JAVA" $ES_JAVA_OPTS org.elasticsearch.launcher.CliToolLauncher')
                     ]], modelled=True),
)  # fmt: skip

CASES = (*TEAMS, *PUBLIC)
