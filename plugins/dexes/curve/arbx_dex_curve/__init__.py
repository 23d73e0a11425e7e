"""Price and read Curve pools, exact to the wei."""
