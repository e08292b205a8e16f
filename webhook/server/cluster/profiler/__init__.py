"""Learns what images are before pods of them are created: run by the replica that leads."""
