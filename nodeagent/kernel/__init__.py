"""The kernel's side of tracing: programs are loaded and attached, maps read. No word of Go."""
