"""Find what an infrastructure pays for and does not need."""
