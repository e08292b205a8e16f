"""The webhook in a cluster: what it watches, what it tells, its certificates."""
