"""What tracing Go programs costs: the programs, what is measured of them, and the soak."""
