"""2,000 pods by 50 clients while something goes wrong with the webhook, and what they got."""
