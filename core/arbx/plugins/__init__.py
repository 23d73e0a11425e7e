"""Discover plugins from metadata, import only what is named, blame each failure by name."""
