"""The version, as a constant: reading package metadata would cost more than a warm run may."""

__version__ = "0.1.0"

HELP_URL = "https://surplus.dev/rules/"
"""Where a rule's page is; the id follows."""
