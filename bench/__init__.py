"""Measures the webhook, in process and over TLS, against a floor in the same run."""
