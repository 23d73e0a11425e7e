"""Price and read Uniswap V3 pools and their forks, exact to the wei."""
