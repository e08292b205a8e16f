"""Clusters: configuration, requests, watches. Imports nothing else of this project."""
