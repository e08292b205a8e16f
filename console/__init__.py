"""The `spanhook` command: each command parses, calls the core, prints and exits."""
