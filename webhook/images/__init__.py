"""What an image tells about the program in it, before it runs for the first time.

References, configurations and the evidence drawn from them are pure: nothing here reads a registry.
"""
