"""Go programs read as files: build, functions, types, and where probes are cheap.

Nothing here runs or maps what it reads. Every read is bounded by the file and by a budget: what
lies in it may be corrupt, or made to harm who reads it.
"""
