"""What command lines turn out to start: a row is a command line and what it tells."""

import pytest

from webhook.commandline import Kind, Program, programs

JAVA, PYTHON, NODEJS, DOTNET, GO = "java", "python", "nodejs", "dotnet", "go"


def told(found: tuple[Program, ...]) -> str:
    """What the programs are, short: `python`, `~nginx`, `?script`, joined by ` + `."""
    return " + ".join(
        program.language or (program.foreign and f"~{program.foreign}") or f"?{program.kind}"
        for program in found
    )


def case(expected: str, *argv: str) -> object:
    """One row: what is started, and by which command line."""
    name = " ".join(argv) if any(argv) else f"{len(argv)} empty words"
    return pytest.param(argv, expected, id=name[:70])


def sh(expected: str, script: str) -> object:
    """One row for a script."""
    return pytest.param(("sh", "-c", script), expected, id=script[:70].replace("\n", "/"))


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
        case(JAVA, "tini", "-g", "--", "java", "-jar", "x.jar"),
        case(JAVA, "/usr/bin/dumb-init", "--rewrite", "15:3", "--", "java", "-jar", "x.jar"),
        case(PYTHON, "/sbin/tini", "-s", "-e", "143", "gunicorn", "x:y"),
        case(PYTHON, "gosu", "app", "python", "x.py"),
        case(PYTHON, "su-exec", "1000:1000", "python", "x.py"),
        case(PYTHON, "setpriv", "--reuid=1000", "--clear-groups", "--", "python", "x.py"),
        case(PYTHON, "runuser", "-u", "app", "--", "python", "x.py"),
        case(PYTHON, "su", "-s", "/bin/sh", "app", "-c", "exec python x.py"),
        case(PYTHON, "nice", "-n", "5", "python", "x.py"),
        case(PYTHON, "timeout", "-k", "5", "30", "python", "x.py"),
        case(PYTHON, "nohup", "stdbuf", "-o", "L", "python", "x.py"),
        case(PYTHON, "chrt", "-f", "10", "python", "x.py"),
        case(PYTHON, "env", "-u", "DEBUG", "A=b", "python", "x.py"),
        case(PYTHON, "env", "-S", "python -u x.py"),
        case(PYTHON, "env", "--split-string=python -u x.py"),
        case(PYTHON, "wait-for-it.sh", "db:5432", "-t", "30", "--", "python", "x.py"),
        case(PYTHON, "chamber", "exec", "shop", "--", "python", "x.py"),
        case(PYTHON, "doppler", "run", "--", "python", "x.py"),
        case(PYTHON, "doppler", "run", "--command", "python x.py && echo done"),
        case(PYTHON, "aws-vault", "exec", "dev", "--", "python", "x.py"),
        case(PYTHON, "op", "run", "--env-file", ".env", "--", "python", "x.py"),
        case(PYTHON, "vault-env", "python", "x.py"),
        case(PYTHON, "consul-template", "-template", "a:b", "-exec", "python x.py"),
        case(PYTHON, "container-entrypoint", "/uid_entrypoint", "python", "x.py"),
        case(PYTHON, "/entrypoint.sh", "celery", "-A", "x", "worker"),
        case(PYTHON, "pm2-runtime", "start", "x.py", "--interpreter", "python3"),
        case(PYTHON, "/cnb/lifecycle/launcher", "python", "x.py"),
        case(NODEJS, "busybox", "sh", "-c", "exec node x.js"),
        case(NODEJS, "bash", "-euo", "pipefail", "-c", "node x.js"),
        case(NODEJS, "bash", "-xe", "-c", "node x.js"),
        case(NODEJS, "/bin/bash", "-lc", "node x.js"),
        case(NODEJS, "sh", "-c", 'exec "$@"', "sh", "node", "x.js"),
        case(NODEJS, "sh", "-c", '"$0" "$@"', "node", "x.js"),
        case(NODEJS, "sh", "/docker-entrypoint.sh", "node", "x.js"),
        case(JAVA, "tini", "sh", "-c", "exec gosu app java -jar x.jar"),
        case("?path", "/__cacert_entrypoint.sh", "acme-server"),
        case("?path", "gosu", "app", "acme-server"),
    ],
)
def test_wrappers_are_looked_through(argv: tuple[str, ...], expected: str) -> None:
    """What only starts something else is looked through, however it reads its options."""
    assert told(programs(argv)) == expected


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        sh(JAVA, "exec java $JAVA_OPTS -jar /app.jar"),
        sh(JAVA, "java ${JAVA_OPTS} -jar app.jar"),
        sh(JAVA, 'exec "$JAVA_HOME/bin/java" -jar app.jar'),
        sh(JAVA, "java -jar app.jar | tee -a /log"),
        sh(JAVA, "java -jar app.jar > /dev/stdout 2>&1"),
        sh(JAVA, "java -jar app.jar 2>>/log; exit $?"),
        sh(JAVA, "java -jar app.jar || exit 1"),
        sh(JAVA, "trap 'kill $PID' TERM; java -jar app.jar & PID=$!; wait $PID"),
        sh(JAVA, "cat <<EOF > /etc/x\nit's (\nEOF\nexec java -jar app.jar"),
        sh(JAVA, "until nc -z db 5432; do sleep 1; done; exec java -jar app.jar"),
        sh(JAVA, "# starts node later\njava -jar app.jar"),
        sh(
            "java + java",
            'case "$1" in dev|test) exec java -jar a.jar ;; *) exec java -jar b.jar;; esac',
        ),
        sh(JAVA, "eval exec java $JAVA_OPTS -jar app.jar"),
        sh(JAVA, "[[ -n $X && $Y > 3 ]] && export Z=1; java -jar app.jar"),
        sh(JAVA, "exec > /log; set -e\njava \\\n  -jar app.jar"),
        sh(PYTHON, "cd /app && python manage.py migrate && exec gunicorn shop:app"),
        sh(PYTHON, ". /venv/bin/activate; python app.py"),
        sh(PYTHON, "python app.py; sleep infinity"),
        sh(PYTHON, "pip install -r x.txt && tail -f /log & python app.py"),
        sh(PYTHON, "while true; do python job.py; sleep 60; done"),
        sh("python + python", "if [ -f x ]; then python a.py; else python b.py; fi"),
        sh(PYTHON, "for i in 1 2 3; do echo $i; python $i.py; done"),
        sh(PYTHON, "(cd /app; exec python app.py)"),
        sh(PYTHON, "{ cd /app; exec python app.py; }"),
        sh(PYTHON, "`which python` app.py"),
        sh(PYTHON, '"$(command -v python3)" app.py'),
        sh(PYTHON, "exec -a shop python app.py"),
        sh(PYTHON, "echo 'a && b; exec node x.js' && python app.py"),
        sh(PYTHON, "! test -f /x || python app.py"),
        sh(PYTHON, "sh -c 'python app.py'"),
        sh(PYTHON, "exec python app.py; node never.js"),
        sh(NODEJS, "echo hi | node server.js"),
        sh(NODEJS, "npm ci && npm start"),
        sh("~sleep", "sleep 3600"),
        sh("~tail", "mkdir -p /x && tail -f /dev/null"),
        sh("~nginx", "envsubst < a > b && exec nginx -g 'daemon off;'"),
        # several programs
        sh("python + ~nginx", "nginx & python app.py"),
        sh("python + ~nginx", "python app.py & nginx & wait -n"),
        sh("python + nodejs", "if [ $X ]; then exec python a.py; fi; exec node b.js"),
        sh("python + nodejs", "while :; do python a.py; node b.js; done"),
        sh("python + java", "python a.py || java -jar b.jar"),
        # of unknown content
        sh("?script", "main() { python app.py; }; main"),
        sh("?script", "exec $COMMAND"),
        sh("?script", "$(cat /command)"),
        sh("?script", "./run.sh"),
        sh("?script", ". ./run.sh"),
        sh("?script", "python 'unclosed"),
        sh("?script", "if true; then python app.py"),
        sh("?script", "python app.py )"),
        sh("?script", "&& python app.py"),
        sh("?script", "cat <(python x.py"),
        sh("?script", ""),
        sh("?script", "exit 0"),
        sh("?script", "(" * 40 + "python x.py" + ")" * 40),
        sh("?script", "python x.py \0"),
        sh("?binary", "cd /app && ./server"),
        sh("?path", "acme-server"),
    ],
)
def test_scripts_are_read(argv: tuple[str, ...], expected: str) -> None:
    """The last command counts, what runs beside it too; what is not understood is a script."""
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


@pytest.mark.parametrize(
    ("argv", "version"),
    [
        pytest.param(("python3.11", "x.py"), "3.11", id="python3.11"),
        pytest.param(("/usr/bin/python3.13t", "x.py"), "3.13", id="free-threaded"),
        pytest.param(("/opt/python/3.12.4/bin/python3", "x.py"), None, id="other layout"),
        pytest.param(("/opt/python3.12/bin/python", "x.py"), "3.12", id="python in a path"),
        pytest.param(("python3", "x.py"), None, id="python3"),
        pytest.param(("python2", "x.py"), "2", id="python2"),
        pytest.param(("python2.7", "x.py"), "2.7", id="python2.7"),
        pytest.param(("/usr/lib/jvm/java-17-openjdk/bin/java",), "17", id="java-17-openjdk"),
        pytest.param(("/usr/lib/jvm/java-1.8.0-openjdk/bin/java",), "8", id="java-1.8.0"),
        pytest.param(("/usr/lib/jvm/zulu11/bin/java",), "11", id="zulu11"),
        pytest.param(("/opt/jdk-21.0.2+13/bin/java",), "21", id="jdk-21.0.2"),
        pytest.param(("/opt/java/openjdk/bin/java",), None, id="no version in the path"),
        pytest.param(("java", "-cp", "/java-11/x"), None, id="not the program's own path"),
        pytest.param(("/root/.nvm/versions/node/v18.19.0/bin/node",), "18.19.0", id="nvm"),
        pytest.param(("node18", "x.js"), "18", id="node18"),
        pytest.param(("node", "x.js"), None, id="node"),
        pytest.param(("gunicorn", "x:y"), None, id="gunicorn"),
    ],
)
def test_versions_stand_in_names_and_paths(argv: tuple[str, ...], version: str | None) -> None:
    """A version is read where packages put it, and nothing is made up where they do not."""
    assert programs(argv)[0].version == version


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        pytest.param(("python", "-I", "x.py"), "python -I", id="-I"),
        pytest.param(("python3.12", "-Es", "x.py"), "python -E", id="-Es"),
        pytest.param(("python", "-uIS", "x.py"), "python -I", id="-uIS"),
        pytest.param(("python", "-W", "ignore", "-S", "x.py"), "python -S", id="-W ignore -S"),
        pytest.param(("uwsgi", "--no-site"), "uwsgi --no-site", id="uwsgi"),
        pytest.param(("./app.pex",), "PEX", id="pex"),
        pytest.param(("env", "-i", "python", "x.py"), "env -i", id="env -i"),
        pytest.param(("sudo", "-u", "app", "java", "-jar", "x"), "sudo", id="sudo"),
        pytest.param(("su", "-", "app", "-c", "java -jar x"), "su -", id="su -"),
        pytest.param(("chroot", "/host", "java", "-jar", "x"), "chroot", id="chroot"),
        pytest.param(("setpriv", "--reset-env", "java"), "setpriv", id="setpriv"),
        pytest.param(("sh", "-c", "exec -c java -jar x"), "exec -c", id="exec -c"),
        pytest.param(("elasticsearch",), "unsets JAVA_TOOL_OPTIONS", id="elasticsearch"),
        pytest.param(("tini", "env", "-", "sh", "-c", "python x.py"), "env -", id="nested"),
    ],
)
def test_what_would_not_read_injected_variables_is_told(argv: tuple[str, ...], part: str) -> None:
    """Isolated interpreters and cleared environments say why variables do not arrive."""
    assert part in (programs(argv)[0].ignores or "")


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(("python", "-u", "-B", "x.py", "-I"), id="flag of the script"),
        pytest.param(("python", "-m", "shop", "-E"), id="flag of the module"),
        pytest.param(("python", "-c", "print()", "-S"), id="flag of the text"),
        pytest.param(("python", "-WIgnore", "x.py"), id="value of a flag"),
        pytest.param(("python", "-X", "importtime", "-sP", "x.py"), id="harmless flags"),
        pytest.param(("sudo", "-E", "java", "-jar", "x"), id="sudo -E"),
        pytest.param(("su", "app", "-c", "java -jar x"), id="su"),
        pytest.param(("env", "A=b", "java", "-jar", "x"), id="env"),
        pytest.param(("chroot", "--userspec=1", "/", "java"), id="chroot /"),
        pytest.param(("gosu", "app", "java", "-jar", "x"), id="gosu"),
        pytest.param(("sh", "-c", "exec java -client -jar x"), id="exec java -client"),
    ],
)
def test_what_reads_injected_variables_says_nothing(argv: tuple[str, ...]) -> None:
    """Flags of the program itself, and wrappers that keep the environment, are no reason."""
    assert programs(argv)[0].ignores is None


def test_what_was_looked_through_is_named_from_outside_in() -> None:
    """Evidence can name the wrappers."""
    (program,) = programs(["tini", "--", "sh", "-c", "exec gosu app java -jar x.jar"])

    assert program.through == ("tini", "sh -c", "gosu")
    assert program.argv == ("java", "-jar", "x.jar")
    assert program.name == "java"
    assert program.kind is Kind.LANGUAGE


def test_assignments_in_the_line_are_kept() -> None:
    """What a line sets for its program can hide injected variables, or show an agent."""
    line = "export A=1 B='x y'; C=3; unset D; E=\"$F\" exec env -u G H=4 python x.py"
    (program,) = programs(["sh", "-c", line])

    expected = {"A": "1", "B": "x y", "C": "3", "D": "", "E": "$F", "G": "", "H": "4"}
    assert dict(program.assigned) == expected


def test_an_assignment_belongs_to_its_own_command() -> None:
    """`A=1 x & y` sets A for x alone."""
    first, second = programs(["sh", "-c", "A=1 python a.py & node b.js"])

    assert (first.name, dict(first.assigned)) == ("node", {})
    assert (second.name, dict(second.assigned)) == ("python", {"A": "1"})
