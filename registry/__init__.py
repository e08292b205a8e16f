"""Reads images from registries, the pull side of OCI distribution; imports nothing else of ours.

An image is given as its parsed name (`model.Name`), so that the grammar of references has one home.
"""
