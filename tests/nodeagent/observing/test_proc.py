"""What /proc tells of processes, of real ones and of some that no machine needs to have."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nodeagent.observing.observation import Observation
from nodeagent.observing.proc import observe
from nodeagent.tracing.process import Process, ProcessGone
from tests.nodeagent.observing.imitation import Imitation

JVM = "/opt/java/openjdk/lib/server/libjvm.so"
CORECLR = "/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.4/libcoreclr.so"


@pytest.fixture
def imitation(tmp_path: Path) -> Imitation:
    """An empty /proc."""
    return Imitation(tmp_path)


def test_ourselves() -> None:
    """The process of this test is Python, of our own version, and no argument of it is kept."""
    found = observe(Process(os.getpid()))

    assert found.language == "python"
    assert found.version.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}")
    assert found.libc in {"glibc", "musl"}
    assert found.process_name == Path(sys.executable).resolve().name
    assert found.command[0] == str(Path(sys.executable).resolve())


def test_a_runtime_that_is_none_of_ours() -> None:
    """Has its name, its C library and its path."""
    with subprocess.Popen(["/bin/sleep", "600"]) as process:
        found = observe(Process(process.pid))
        process.kill()

    name = Path("/bin/sleep").resolve()
    assert (found.language, found.version) == (None, "")
    assert (found.process_name, found.command) == (name.name, (str(name),))
    assert found.libc in {"glibc", "musl", "static"}


def test_java(imitation: Imitation) -> None:
    """The JVM that is mapped leads to its home, which says the version."""
    process = imitation.process(
        7, "/opt/java/openjdk/bin/java", ["java", "-jar", "/app.jar", "--key=x"], mapped=[JVM]
    )
    imitation.put(7, "/opt/java/openjdk/release", 'JAVA_VERSION="21.0.4"\nOS_NAME="Linux"\n')

    found = observe(process)

    assert (found.language, found.version) == ("java", "21.0.4")
    assert found.command[1:] == ("-jar", "/app.jar")


@pytest.mark.parametrize(
    ("executable", "mapped", "environ", "expected"),
    [
        ("/usr/bin/java", ["/usr/lib/jvm/java-17-openjdk/lib/server/libjvm.so"], {}, "java 17"),
        ("/usr/bin/tomcat", ["/x/jre/lib/amd64/server/libjvm.so"], {}, "java"),
        ("/usr/bin/dotnet", [CORECLR], {}, "dotnet 8.0.4"),
        ("/app/Shop", ["/app/libcoreclr.so"], {}, "dotnet"),
        ("/usr/bin/python3.12", [], {}, "python 3.12"),
        ("/usr/bin/python3.12", [JVM], {}, "python 3.12"),
        ("/usr/bin/python3.12", [], {"PYTHON_VERSION": "3.12.4"}, "python 3.12.4"),
        ("/usr/bin/python3.12", [], {"PYTHON_VERSION": "3.9.1"}, "python 3.12"),
        ("/usr/bin/python3", ["/x/_ssl.cpython-311-x86_64-linux-gnu.so"], {}, "python 3.11"),
        ("/usr/bin/python3", [], {}, "python"),
        ("/usr/bin/uwsgi", ["/usr/lib/libpython3.11.so.1.0"], {}, "python 3.11"),
        (
            "/usr/bin/app",
            ["/usr/lib/libnode.so.108"],
            {"NODE_VERSION": "18.19.1"},
            "nodejs 18.19.1",
        ),
        ("/usr/bin/app", [JVM, "/usr/lib/libpython3.11.so.1.0"], {}, "None"),
        ("/usr/bin/node", [], {"NODE_VERSION": "22.1.0"}, "None"),
        ("/usr/bin/nginx", ["/usr/lib/libjvm.so.txt"], {}, "None"),
    ],
)
def test_what_is_mapped(
    imitation: Imitation,
    executable: str,
    mapped: list[str],
    environ: dict[str, str],
    expected: str,
) -> None:
    """The program's name, then its libraries; who has two runtimes and another name has none."""
    found = observe(imitation.process(7, executable, ["x"], mapped=mapped, environ=environ))

    assert f"{found.language} {found.version}".strip() == expected


def test_an_application_with_its_runtime(imitation: Imitation, tmp_path: Path) -> None:
    """.NET beside the application: its own configuration says which."""
    process = imitation.process(7, "/app/Shop", ["./Shop"], mapped=["/app/libcoreclr.so"])
    framework = {"name": "Microsoft.NETCore.App", "version": "9.0.1"}
    text = json.dumps({"runtimeOptions": {"includedFrameworks": [framework]}})
    imitation.put(7, f"{tmp_path}/files/app/Shop.runtimeconfig.json", text)

    assert observe(process).version == "9.0.1"


def test_a_node(imitation: Imitation) -> None:
    """Node.js says where its own source lies; other programs have its name as well."""
    program = Path("/bin/true").read_bytes()
    mark = (
        b"\0node_module_register\0https://nodejs.org/download/release/v22.4.1/node-v22.4.1.tar.gz\0"
    )

    real = observe(imitation.process(7, "/usr/bin/node", ["node"], content=program + mark))
    other = observe(imitation.process(8, "/opt/node", ["node"], content=program))

    assert (real.language, real.version) == ("nodejs", "22.4.1")
    assert other.language is None


@pytest.mark.parametrize(
    ("mapped", "expected"),
    [
        (["/lib/ld-musl-x86_64.so.1"], "musl"),
        (["/usr/lib/x86_64-linux-gnu/libc.so.6"], "glibc"),
        (["/lib/libc.musl-x86_64.so.1", "/lib/libc.so.6"], "musl"),
        ([], "static"),
    ],
)
def test_libc(imitation: Imitation, mapped: list[str], expected: str) -> None:
    """Of a program without a loader of its own: what is mapped, gcompat's name aside."""
    # An ELF header of amd64 without segments: nothing loads it.
    head = bytearray(64)
    head[:7] = b"\x7fELF\x02\x01\x01"
    head[18] = 62

    process = imitation.process(7, "/bin/app", ["x"], content=bytes(head), mapped=mapped)

    assert observe(process).libc == expected


@pytest.mark.parametrize(
    ("argv", "environ", "mapped", "expected"),
    [
        (["java", "-javaagent:/dd/dd-java-agent.jar"], {}, [JVM], ("Datadog",)),
        (["java", "-javaagent:/spanhook/java/javaagent.jar"], {}, [JVM], ()),
        (["java"], {"JAVA_TOOL_OPTIONS": "-javaagent:/nr/newrelic.jar"}, [JVM], ("New Relic",)),
        (["java"], {"JAVA_TOOL_OPTIONS": "-javaagent:/spanhook/java/x.jar"}, [JVM], ()),
        (["java"], {}, [JVM, "/opt/dynatrace/oneagent/liboneagentproc.so"], ("Dynatrace",)),
        (["java"], {"DD_TRACE_AGENT_URL": "x"}, [JVM], ("Datadog",)),
        (["python"], {}, ["/x/site-packages/newrelic/core/_thread.so"], ("New Relic",)),
        (["node"], {}, ["/app/node_modules/dd-trace/prebuilds/x.node"], ("Datadog",)),
        (["python"], {}, ["/spanhook/python/opentelemetry/x.so"], ()),
        (["python"], {"PYTHONPATH": "/spanhook/python:/app"}, [], ()),
        (["node"], {"NODE_OPTIONS": "--require /spanhook/nodejs/x.js"}, ["/x/libnode.so"], ()),
        (["dotnet"], {"OTEL_DOTNET_AUTO_HOME": "/spanhook/dotnet"}, [CORECLR], ()),
        (["dotnet"], {"OTEL_DOTNET_AUTO_HOME": "/otel"}, [CORECLR], ("OpenTelemetry",)),
        (
            ["dotnet"],
            {
                "CORECLR_ENABLE_PROFILING": "1",
                "CORECLR_PROFILER": "{918728DD-259F-4A6A-AC2B-B85E1B658318}",
                "CORECLR_PROFILER_PATH": "/spanhook/dotnet/linux/x.so",
            },
            [CORECLR, "/spanhook/dotnet/linux/OpenTelemetry.AutoInstrumentation.Native.so"],
            (),
        ),
    ],
)
def test_agents(
    imitation: Imitation,
    argv: list[str],
    environ: dict[str, str],
    mapped: list[str],
    expected: tuple[str, ...],
) -> None:
    """Makers by arguments, variables and libraries; ours is none of the others."""
    process = imitation.process(7, "/usr/bin/app", argv, environ=environ, mapped=mapped)

    assert observe(process).agents == expected


def test_secrets_are_not_kept(imitation: Imitation) -> None:
    """No value of a variable and no argument is anywhere in what is told."""
    process = imitation.process(
        7,
        "/usr/bin/python3.12",
        ["python", "app.py", "--password=hunter2", "hunter2"],
        environ={"PASSWORD": "hunter2", "DD_API_KEY": "hunter2", "DD_SERVICE": "hunter2"},
    )

    found = observe(process)

    assert found.agents == ("Datadog",)
    assert "hunter2" not in repr(found)


def test_hostile_contents(imitation: Imitation) -> None:
    """Huge, broken and misleading: what is told stays short and plain."""
    process = imitation.process(
        7,
        "/usr/bin/evil",
        [b"\xff\xfe", "x" * 1_000_000, "--password=hunter2\n"],
        environ={"A": "b" * 1_000_000},
        mapped=["/lib/libjvm.so\\012", "x" * 100_000, *(f"/lib/{n}.so" for n in range(50_000))],
        content=b"\x7fELF" + b"\xff" * 4096,
    )

    found = observe(process)

    assert replace(found, command=()) == Observation(process_name="evil")
    assert all(len(word) <= 256 for word in found.command)


def test_a_root_that_leads_elsewhere(imitation: Imitation, tmp_path: Path) -> None:
    """A container's links do not make us read the node's files."""
    process = imitation.process(7, "/opt/java/bin/java", ["java"], mapped=[JVM])
    (tmp_path / "release").write_text('JAVA_VERSION="99.9.9"\n')
    folder = imitation.root(7) / "opt" / "java" / "openjdk"
    folder.mkdir(parents=True)
    (folder / "release").symlink_to(tmp_path / "release")
    os.mkfifo(folder.parent / "release")

    assert observe(process).version == ""


def test_processes_that_are_gone(imitation: Imitation) -> None:
    """A process that ended, a zombie and a thread of the kernel are nothing to tell of."""
    ended = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ProcessGone):
        observe(Process(ended.pid))  # a zombie
    ended.wait()
    half = imitation.process(7)
    (imitation.proc / "7" / "maps").unlink()

    for process in (Process(ended.pid), Process(2**22 + 1), Process(9, imitation.proc), half):
        with pytest.raises(ProcessGone, match=f"process {process.pid}"):
            observe(process)
