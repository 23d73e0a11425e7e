"""What a human is told: the catalogue of events, and the way to the alert sinks."""
