"""Certificate authority and leaf certificates; imports nothing else of this project."""
