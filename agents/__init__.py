"""The agent images: what an init container copies into the pod, one folder per language."""
