"""Asks a registry what an image is: configurations make a profile, layers tell what is left open.

Joins two rooms that do not know each other: `registry` reads images, the core of `webhook` knows
what they mean.
"""
