""".NET: upstream's automatic instrumentation, a CLR profiler and a start-up hook."""

from webhook.language import Delivery, Language, Merge, Variable

_HOME = "/spanhook/dotnet"
_NATIVE = "OpenTelemetry.AutoInstrumentation.Native.so"

DOTNET = Language(
    name="dotnet",
    title=".NET",
    delivery=Delivery.INIT_CONTAINER,
    oldest=(8,),
    image="ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-dotnet:1.16.0",
    variables=(
        Variable("CORECLR_ENABLE_PROFILING", "1"),
        Variable("CORECLR_PROFILER", "{918728DD-259F-4A6A-AC2B-B85E1B658318}"),
        Variable(
            "CORECLR_PROFILER_PATH",
            f"{_HOME}/linux/{_NATIVE}",
            musl=f"{_HOME}/linux-musl/{_NATIVE}",
        ),
        Variable(
            "DOTNET_STARTUP_HOOKS",
            f"{_HOME}/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll",
            merge=Merge.APPEND,
            separator=":",
        ),
        Variable(
            "DOTNET_ADDITIONAL_DEPS", f"{_HOME}/AdditionalDeps", merge=Merge.APPEND, separator=":"
        ),
        Variable("DOTNET_SHARED_STORE", f"{_HOME}/store", merge=Merge.APPEND, separator=":"),
        Variable("OTEL_DOTNET_AUTO_HOME", _HOME),
    ),
    agent_size=100,
    minimum_memory=128,
    # The start-up hook ends a process whose runtime is older than the agent's.
    needs_version=True,
    needs_libc=True,
    start_seconds=2,
)
