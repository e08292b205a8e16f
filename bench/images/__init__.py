"""Images: how often their language is told rightly, and what telling it costs."""
