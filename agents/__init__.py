"""The agents that pods get: what their images carry, and how to build it on any machine."""
