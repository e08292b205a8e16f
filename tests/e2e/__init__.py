"""Spanhook on a real node: installed from its manifests, serving real pods."""
