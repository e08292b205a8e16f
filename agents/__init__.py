"""The agents that pods get: what their images carry, and how to build that without a container tool."""
