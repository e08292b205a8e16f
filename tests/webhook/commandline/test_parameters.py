"""Scripts that put their program's command line together out of their own parameters."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.webhook.commandline.rows import GO, JAVA, NODEJS, PYTHON, told
from webhook.commandline import Kind, programs

REGISTRY = 'case "$1" in\n  *.yaml|*.yml) set -- registry serve "$@" ;;\nesac\nexec "$@"\n'
NODE = (
    'if [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ]; then\n'
    '  set -- node "$@"\nfi\nexec "$@"\n'
)
OPTIONS = 'if [ "${1:0:1}" = \'-\' ]; then set -- python app.py "$@"; fi\nexec "$@"\n'
VAULT = (
    'if [ "${1:0:1}" = "-" ]; then set -- vault "$@"; fi\n'
    "if [ \"$1\" = 'server' ]; then\n  shift\n"
    '  set -- vault server -config="$DIR" "$@"\n'
    'elif [ "$1" = \'version\' ]; then\n  set -- vault "$@"\nfi\n'
    'if [ "$1" = \'vault\' ] && [ "$(id -u)" = 0 ]; then\n'
    '  chown -R vault /data\n  set -- su-exec vault "$@"\nfi\nexec "$@"\n'
)
REDIS = (
    'if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi\n'
    "if [ \"$1\" = 'redis-server' -a \"$(id -u)\" = '0' ]; then\n"
    '  exec gosu redis "$@"\nfi\nexec "$@"\n'
)
DEFAULT = 'if [ $# -eq 0 ]; then set -- gunicorn shop:app; fi\nexec tini -- "$@"\n'
ROLES = (
    'case "$1" in\n  web) shift; exec gunicorn shop:app "$@" ;;\n'
    '  worker) shift; exec celery -A shop worker "$@" ;;\n  front) exec node front.js ;;\n'
    '  *) exec "$@" ;;\nesac\n'
)
MODES = 'if [ -n "$FRONT" ]; then set -- node a.js; else set -- python a.py; fi\nexec "$@"\n'
WRAPPED = '[[ "$1" == run* ]] && shift && set -- java -jar /app.jar "$@"\nexec "$@"\n'
LOOP = 'while [ $# -gt 0 ]; do case "$1" in -x) shift ;; esac; shift; done\nexec "$@"\n'
FIRST = 'CMD="$1"; shift\nif [ "$CMD" = api ]; then exec python api.py "$@"; fi\nexec "$@"\n'


@pytest.mark.parametrize(
    ("script", "parameters", "expected"),
    [
        (REGISTRY, "/etc/config.yml", "?path"),
        (REGISTRY, "python x.py", PYTHON),
        (NODE, "--inspect app.js", NODEJS),
        (NODE, "app", "nodejs + ?path"),
        (NODE, "node app.js", "nodejs + nodejs"),
        (OPTIONS, "-v", PYTHON),
        (OPTIONS, "java -jar x.jar", JAVA),
        (VAULT, "server -dev", GO),
        (VAULT, "-help", GO),
        (VAULT, "version", GO),
        (VAULT, "python x.py", PYTHON),
        (REDIS, "redis-server", "~Redis"),
        (REDIS, "/etc/x.conf", "~Redis"),
        (REDIS, "python x.py", PYTHON),
        (DEFAULT, "", PYTHON),
        (DEFAULT, "node x.js", NODEJS),
        (ROLES, "web --reload", PYTHON),
        (ROLES, "worker", PYTHON),
        (ROLES, "front", NODEJS),
        (ROLES, "java -jar x.jar", JAVA),
        (MODES, "", "nodejs + python"),
        (WRAPPED, "runner a", JAVA),
        (WRAPPED, "node a.js", NODEJS),
        (LOOP, "python x.py", "?script"),
        (FIRST, "api", PYTHON),
        (FIRST, "java", PYTHON),
        (FIRST, "x node a.js", "python + nodejs"),
        ('set -- python "$@"\nshift\nexec "$@"\n', "node x.js", NODEJS),
        ('shift 2; exec "$@"', "a b node x.js", NODEJS),
        ('shift "$N"; exec "$@"', "a b node x.js", "?script"),
        ('set -- $EXTRA "$@"; shift; exec "$@"', "node x.js", "?script"),
        ('set -- java $EXTRA "$@"; exec "$@"', "node x.js", JAVA),
        ('set -- java; (set -- node); exec "$@"', "", JAVA),
        ('set -- java; set -- node & exec "$@"', "", JAVA),
        ('set -- java; echo | set -- node; exec "$@"', "", JAVA),
        ('set -e -o pipefail; exec "$@"', "node x.js", NODEJS),
        ('if [ $A ]; then set -- java; exit 1; fi; exec "$@"', "node x.js", NODEJS),
        ('[ "$1" = a ] || exit 1; exec "$@"', "node x.js", "?script"),
        ('! [ "$1" = node ] && set -- java; exec "$@"', "node x.js", NODEJS),
        ('grep -q x /y && set -- java; exec "$@"', "node x.js", "nodejs + java"),
        ('grep -q x /y && exec java; exec "$@"', "node x.js", "java + nodejs"),
        ("set -- java; eval 'exec \"$@\"'", "node x.js", "?script"),
        ('case "$1" in n[a-o]de) set -- java ;; esac; exec "$@"', "node x.js", "java + nodejs"),
        ('case "$1" in "node") set -- java ;; esac; exec "$@"', "node x.js", JAVA),
        ('case "$1" in node) set -- java ;& *) ;; esac; exec "$@"', "node x.js", "?script"),
        ('if [ $A ]; then python a.py; exit; fi; exec "$@"', "node x.js", "python + nodejs"),
        ('[ $A ] && { python a.py; exit 0; }; exec "$@"', "node x.js", "python + nodejs"),
        ('python a.py || exit 1; exec "$@"', "node x.js", NODEJS),
        ('f() {\n  exec "$@"\n}\nf node "$@"', "x.js", NODEJS),
        ('function f { exec gosu app "$@"; }; f "$@"', "node x.js", NODEJS),
        ('f() { set -- java; shift; }; f; exec "$@"', "node x.js", NODEJS),
        ('f() { [ "$1" = web ]; }; if f "$1"; then set -- java; fi; exec "$@"', "node x.js",
         "java + nodejs"),
        ('f() { [ "$1" = web ]; }; f "$1" && set -- java; exec "$@"', "node x.js",
         "nodejs + java"),
        ('f() { if [ "$1" = web ]; then java -jar a.jar; return; fi; exec node b.js; }; f "$@"',
         "web", JAVA),
        ('f() { if [ $A ]; then java -jar a.jar; return; fi; exec node b.js; }; f "$@"',
         "web", "java + nodejs"),
        ('f() { [ $A ] && return; exit; }; f; exec "$@"', "node x.js", NODEJS),
        ('f() { echo usage; exit 1; }; [ $A ] || f; exec "$@"', "node x.js", NODEJS),
        ('f() ( exec java ); f; exec "$@"', "node x.js", "java + nodejs"),
        ("f() { f; f; f; }; f", "node", "?script"),
        ('. /lib.sh; run "$@"', "node x.js", "?path"),
        ('if [ "$(id -u)" = 0 ]; then exec gosu app "$BASH_SOURCE" "$@"; fi; exec "$@"',
         "node x.js", NODEJS),
        ('a=()\n{ java; }\nexec "$@"', "node x.js", "?script"),
        ("eval \"set -- $(xargs -n1)\" '\"$@\"'; exec \"$@\"", "node x.js", "?script"),
        ('eval "$(agent)"; exec "$@"', "node x.js", NODEJS),
        ("exec $1", "node", NODEJS),
    ],
)  # fmt: skip
def test_parameters_are_followed(script: str, parameters: str, expected: str) -> None:
    """Where a test of the parameters tells the branch it is that one; elsewhere all of them."""
    argv = ("sh", "-c", script, "/entrypoint.sh", *parameters.split())

    assert told(programs(argv)) == expected


def test_a_script_that_starts_itself_as_another_user() -> None:
    """`exec gosu user "$0" "$@"` is the same script with the same parameters."""
    script = 'if [ "$(id -u)" = 0 ]; then exec gosu app "$0" "$@"; fi\nexec python x.py "$@"\n'

    found = programs(("sh", "-c", script, "/start.sh", "-v"))

    assert [program.argv for program in found] == [("/start.sh", "-v"), ("python", "x.py", "-v")]


FRAGMENTS = (
    'set shift -- - "$@" $@ "${@:2}" $1 "$1" ${1#-} "${1:0:1}" $# $0 "$0" [ ] [[ ]] = == != -z -n'
    " -eq -a -o ! && || ; | & ( ) { } ;; ;& case in esac if then elif else fi while until do done"
    " for exec exit eval gosu su-exec app java node python 1 2 99999 -x *) a|b) n*) [!a]) ' \" ` \\"
    " docker-entrypoint.sh tini f f() function return $BASH_SOURCE true false unset X=1 $X"
)
WORDS = st.one_of(st.sampled_from(FRAGMENTS.split()), st.sampled_from([" ", "\n"]))
SHAPES = st.sampled_from(
    [
        "{}",
        "if [ {} ]; then {}; fi; {}",
        'case "$1" in {}) {} ;; *) {} ;; esac; exec "$@"',
        'while [ {} ]; do {}; done; {}; exec "$@"',
        "set -- {}; [ {} ] && shift; {}",
    ]
)


@given(SHAPES, st.lists(WORDS, max_size=24), st.lists(WORDS, max_size=4), st.booleans())
@example('set -- {} "$@" "$@"; {}; {}', ["a"] * 24, ["node"], True)
@example('exec "$@"', [], ["node"], False)
@example("{}", ["f() { f; f; }; g() { f; f; }; h() { g; g; }; h & h; g"], [], True)
@example("{}", ["f()" + " { if f; then" * 6 + " f" + "; fi; }" * 6 + "; f"], [], True)
@example("{}", ["f() { if f; then f || f; fi; f; }; "] * 40 + ["f"], ["a"], True)
@example("\n".join(['set -- "$@" "$@" x'] * 1500), [], ["node", "x.js"], True)
@example("\n".join(['[ "$A" ] && set -- a "$@"'] * 1200), [], ["node", "x.js"], True)
@example("\n".join(["shift 0; shift; set -- $@"] * 1200), [], ["$@"] * 60, True)
@example('case "$1" in {} *) exec "$@" ;; esac', ["*" * 3000 + "b)"], ["a" * 9000], True)
def test_no_script_harms(shape: str, words: list[str], argv: list[str], past: bool) -> None:
    """Whatever a script does with its parameters, the walk ends, in bounds, with programs."""
    third = len(words) // 3 + 1
    parts = [" ".join(words[at : at + third]) for at in range(0, 3 * third, third)]
    script = shape.format(*parts) if shape.count("{}") <= len(parts) else shape

    found = programs(("sh", "-c", script, "/entrypoint.sh", *argv), past_scripts=past)

    assert 0 < len(found) <= 16
    for program in found:
        assert (program.language is not None) == (program.kind is Kind.LANGUAGE)
