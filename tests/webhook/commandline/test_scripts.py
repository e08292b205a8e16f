"""Wrappers and scripts in front of programs: what they end up starting."""

import pytest

from tests.webhook.commandline.rows import JAVA, NODEJS, PYTHON, case, sh, told
from webhook.commandline import programs


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
