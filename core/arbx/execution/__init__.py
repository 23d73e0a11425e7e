"""Plan, simulate, sign, bundle and submit."""
