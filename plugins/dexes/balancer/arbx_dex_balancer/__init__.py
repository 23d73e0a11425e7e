"""Price and read Balancer pools, exact to the wei."""
