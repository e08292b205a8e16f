"""Images from their registries, for a person: asked in parallel, with the person's credentials."""
