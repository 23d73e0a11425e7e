"""Price and read Uniswap V2 pools and their forks, exact to the wei."""
