"""What command lines turn out to start: a row is a command line and what it tells."""

import pytest

from tests.webhook.commandline.rows import DOTNET, GO, JAVA, NODEJS, PYTHON, case, told
from webhook.commandline import programs


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        # Java
        case(JAVA, "java", "-jar", "/app.jar"),
        case(JAVA, "/usr/bin/java", "-cp", "/app/libs/*", "com.example.Main"),
        case(JAVA, "java", "@/app/jib-classpath-file", "com.example.Main"),
        case(JAVA, "java", "org.springframework.boot.loader.launch.JarLauncher"),
        case(JAVA, "/opt/java/openjdk/bin/java", "-Xmx1g", "Main"),
        case(JAVA, "$(JAVA_HOME)/bin/java", "-jar", "x.jar"),
        case(JAVA, "catalina.sh", "run"),
        case(JAVA, "/usr/local/tomcat/bin/catalina.sh", "run"),
        case(JAVA, "bash", "/usr/local/tomcat/bin/catalina.sh", "run"),
        case(JAVA, "/opt/jboss/container/java/run/run-java.sh"),
        case(JAVA, "/opt/keycloak/bin/kc.sh", "start", "--optimized"),
        case(JAVA, "/opt/jboss/wildfly/bin/standalone.sh", "-b", "0.0.0.0"),
        case(JAVA, "./app.jar"),
        case(JAVA, "./gradlew", "bootRun"),
        case(JAVA, "/__cacert_entrypoint.sh", "java", "-jar", "x.jar"),
        case(JAVA, "/etc/confluent/docker/../bin/kafka-server-start.sh", "server.properties"),
        # Python
        case(PYTHON, "python", "app.py"),
        case(PYTHON, "python3.11", "-m", "gunicorn", "x:y"),
        case(PYTHON, "python", "-m", "opentelemetry.instrumentation.auto_instrumentation"),
        case(PYTHON, "gunicorn", "-w", "2", "shop:app"),
        case(PYTHON, "/opt/venv/bin/uvicorn", "shop:app"),
        case(PYTHON, "celery", "-A", "shop", "worker"),
        case(PYTHON, "./manage.py", "runserver"),
        case(PYTHON, "streamlit", "run", "app.py"),
        case(PYTHON, "uwsgi", "--ini", "uwsgi.ini"),
        case(PYTHON, "ddtrace-run", "gunicorn", "shop:app"),
        case(PYTHON, "newrelic-admin", "run-program", "gunicorn", "shop:app"),
        case(PYTHON, "opentelemetry-instrument", "--service_name", "x", "flask", "run"),
        case(PYTHON, "poetry", "run", "start"),
        case(PYTHON, "pipenv", "run", "gunicorn", "shop:app"),
        case(PYTHON, "uv", "run", "--no-sync", "--with", "httpx", "main.py"),
        case(PYTHON, "uv", "run", "-m", "uvicorn", "shop:app"),
        case(PYTHON, "conda", "run", "--no-capture-output", "-n", "shop", "python", "x.py"),
        case(PYTHON, "micromamba", "run", "-n", "base", "jupyter", "lab"),
        case(PYTHON, "/_entrypoint.sh", "python", "x.py"),
        case(PYTHON, "/entrypoint.py"),
        # Node.js
        case(NODEJS, "node", "server.js"),
        case(NODEJS, "/nodejs/bin/node", "--enable-source-maps", "dist/main.js"),
        case(NODEJS, "docker-entrypoint.sh", "node"),
        case(NODEJS, "npm", "start"),
        case(NODEJS, "npm", "run", "python"),
        case(NODEJS, "yarn", "start:prod"),
        case(NODEJS, "npx", "serve", "-s", "build"),
        case(NODEJS, "pm2-runtime", "ecosystem.config.js"),
        case(NODEJS, "nodemon", "--inspect", "src/index.js"),
        case(NODEJS, "./node_modules/.bin/acme-server"),
        case(NODEJS, "next", "start"),
        case(NODEJS, "./dist/index.mjs"),
        case(NODEJS, "cross-env", "NODE_ENV=production", "node", "x.js"),
        # .NET
        case(DOTNET, "dotnet", "Shop.dll"),
        case(DOTNET, "/usr/share/dotnet/dotnet", "exec", "Shop.dll"),
        case(DOTNET, "dockerize", "-wait", "tcp://db:5432", "dotnet", "Shop.dll"),
        # Go
        case(GO, "go", "run", "."),
        case(GO, "/ko-app/stock"),
        case(GO, "/go/bin/stock"),
        case(GO, "/bin/prometheus", "--config.file=/etc/p.yml"),
        case(GO, "/coredns", "-conf", "/etc/Corefile"),
        # none of ours
        case("~nginx", "nginx", "-g", "daemon off;"),
        case("~nginx", "/docker-entrypoint.sh", "nginx", "-g", "daemon off;"),
        case("~PostgreSQL", "docker-entrypoint.sh", "postgres"),
        case("~Redis", "redis-server", "/etc/redis.conf"),
        case("~Bun", "bun", "run", "server.ts"),
        case("~Bun", "npx", "bun", "server.ts"),
        case("~Deno", "deno", "run", "-A", "server.ts"),
        case("~Ruby", "bundle", "exec", "puma"),
        case("~Ruby", "ruby3.2", "app.rb"),
        case("~Ruby", "./bin/worker.rb"),
        case("~PHP", "php-fpm8.2", "-F"),
        case("~PyPy", "pypy3", "app.py"),
        case("~sleep", "sleep", "infinity"),
        case("~tail", "tail", "-f", "/dev/null"),
        case("~busybox", "busybox", "httpd", "-f"),
        case("~uWSGI without Python", "uwsgi", "--plugin=psgi", "--psgi", "app.psgi"),
        # not known
        case("?path", "acme-server"),
        case("?path", "/usr/local/bin/acme-server"),
        case("?path", "/opt/venv/bin/acme-server"),
        case("?binary", "/app/server", "--port=80"),
        case("?binary", "./server"),
        case("?binary", "/app/vector"),
        case("?binary", "/srv/next"),
        case("?script", "/run.sh"),
        case("?script", "sh", "/run.sh"),
        case("?script", "bash"),
        case("?script", "/entrypoint.sh"),
        case("?script", "/entrypoint.sh", "web"),
        case("?script", "/entrypoint.sh", "--port=80"),
        case("?script", "/entrypoint.sh", "install"),
        case("?script", "$(COMMAND)", "x"),
        case("?script", "/cnb/process/web"),
        case("?script", "/cnb/lifecycle/launcher", "web"),
        case("?script", "tini", "--"),
        case("?script", "chamber", "exec", "shop"),
        case("?script", ""),
        case("?native", "./application", "-Dquarkus.http.host=0.0.0.0"),
        case("?native", "/workspace/com.example.shop.ShopApplication"),
        case("?manager", "/usr/bin/supervisord", "-c", "/etc/supervisord.conf"),
        case("?manager", "/init"),
        case("?manager", "s6-svscan", "/etc/s6"),
        case("", *()),
    ],
)
def test_programs_are_told_by_their_command_line(argv: tuple[str, ...], expected: str) -> None:
    """A command line tells its language, what else it is, or which kind of unknown."""
    assert told(programs(argv)) == expected


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        case(JAVA, "-jar", "app.jar"),
        case(JAVA, "-Xmx512m", "-XX:+UseG1GC", "com.example.Main"),
        case(JAVA, "app.jar"),
        case(JAVA, "java", "-jar", "app.jar"),
        case(DOTNET, "Shop.dll"),
        case(PYTHON, "-m", "uvicorn", "shop:app"),
        case(PYTHON, "app.py"),
        case(PYTHON, "gunicorn", "shop:app"),
        case(PYTHON, "sh", "-c", "python app.py"),
        case(NODEJS, "node", "dist/main.js"),
        case("?script", "server.js"),
        case("?script", "node"),
        case("?script", "node", "--home=/data"),
        case("?script", "python"),
        case("?script", "consul", "agent"),
        case("?script", "server"),
        case("?script", "--port=80"),
        case("?script", "-m", "acme"),
        case("?script", "/etc/config.yml"),
        case("?script", "test"),
    ],
)
def test_arguments_of_an_unknown_entrypoint_tell_only_what_is_sure(
    argv: tuple[str, ...], expected: str
) -> None:
    """Where the image decides what stands in front, `node` may be anybody's subcommand."""
    assert told(programs(argv, entrypoint_known=False)) == expected
