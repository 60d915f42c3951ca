"""Input languages: text to resources."""
