"""A `RunResult` turned into text, one module per format."""
