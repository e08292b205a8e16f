"""Starts OpenTelemetry in a process that the preflight has passed."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from . import deferred, installed, paths, preflight, processes, signals  # noqa: TID252

Say = Callable[[str], None]


def run(root: str, off: Say) -> None:
    """Start the agent that lies in `root`, or say in one line through `off` why not."""
    argv = list(sys.orig_argv)
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or processes.is_tool(argv):
        return
    table = _table(root)
    plan = preflight.plan(table, installed.scan(_application_path(root)))
    if plan.off is not None:
        off(plan.off)
        return
    before = frozenset(sys.modules)
    try:
        _instrument(table, plan, paths.append(root), off)
    finally:
        paths.give_back(before, paths.application_directories(argv))


def _table(root: str) -> preflight.Table:
    with open(os.path.join(root, "spanhook-agent", "requirements.json"), encoding="utf-8") as file:
        table: preflight.Table = json.load(file)
    return table


def _application_path(root: str) -> list[str]:
    return [entry for entry in sys.path if not os.path.abspath(entry).startswith(root)]


def _instrument(table: preflight.Table, plan: preflight.Plan, added: list[str], off: Say) -> None:
    if plan.prefer_ours:
        paths.prefer("opentelemetry", added)
    _configure(plan)
    disabled = os.environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",")
    unwanted = {name.strip() for name in disabled}
    for name in plan.instrumentors:
        if "*" in unwanted or name in unwanted:
            continue
        entry = table["instrumentors"][name]["entry"]
        if name in deferred.UNTIL:
            deferred.call_before(*deferred.UNTIL[name], partial(_patch, name, entry, off))
        else:
            _patch(name, entry, off)


def _patch(name: str, entry: str, off: Say) -> None:
    options = signals.options(name, os.environ)
    if options is None:
        return
    try:
        _load(entry)().instrument(**options)
    except ModuleNotFoundError:
        return  # one distribution instruments several libraries, of which one is here
    except Exception as error:
        off(f"only {name}: {type(error).__name__}: {error}")


def _load(entry: str) -> Callable[[], Any]:
    module, _, name = entry.partition(":")
    found: Callable[[], Any] = getattr(importlib.import_module(module), name)
    return found


def _configure(plan: preflight.Plan) -> None:
    # Only now is there something to import them from.
    transport = importlib.import_module(".transport", __package__)
    transport.install()
    distro = importlib.import_module("opentelemetry.distro")
    version = importlib.import_module("opentelemetry.instrumentation.version").__version__
    with _environment(_settings(plan, os.environ)):
        distro.OpenTelemetryConfigurator().configure(auto_instrumentation_version=version)
    transport.give_up_at_exit()


def _settings(plan: preflight.Plan, environ: Mapping[str, str]) -> dict[str, str]:
    """Variables for the time of the configuration: exporters by name, the user's choice kept.

    Upstream's default protocol is gRPC, whose exporter nobody carries.
    """
    protocol = environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf").strip()
    settings = {"OTEL_EXPORTER_OTLP_PROTOCOL": protocol}
    for signal in signals.SIGNALS:
        name = f"OTEL_{signal}_EXPORTER"
        chosen = environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", protocol).strip()
        by_protocol = {"http/protobuf": plan.exporter, "http/json": "otlp_json_http"}
        if environ.get(name, "otlp").strip() == "otlp":
            settings[name] = by_protocol.get(chosen, "otlp")
    return settings


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    saved = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
