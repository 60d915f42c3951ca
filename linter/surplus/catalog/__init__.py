"""Facts about machine types, as tables and look-ups. Sources are in NOTICE."""
