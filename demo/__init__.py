"""The five-language shop: ordinary applications, their manifests, and a runner for this machine."""
