"""Decides whether the agent can live with the application, and starts it.

Runs inside other people's processes, before their first line: on every supported Python, with
nothing but the standard library until `preflight` has said that the agent's packages fit.
"""
