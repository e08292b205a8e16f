"""The node agent's tests on other kernels than this machine's: Debian's, in emulated machines."""
