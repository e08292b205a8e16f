"""Decide what a pod gets, and answer the API server.

The rule of this room: every module outside `webhook.server` is pure. It takes values and returns
values, and imports no web framework, no Kubernetes client, no operating system, no clock and no
event loop. import-linter holds it.
"""
