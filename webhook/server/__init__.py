"""The only place that knows HTTP, the clock and the cluster."""
