"""Measures what webhooks add to pod creations through a real API server."""
