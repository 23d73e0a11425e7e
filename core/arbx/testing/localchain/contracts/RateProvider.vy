# pragma version 0.4.3
# pragma evm-version cancun
# SPDX-License-Identifier: MIT
"""
@title RateProvider
@notice Say what a wrapped token is worth, as Balancer's pools ask; anyone may change it.
"""

rate: uint256


@deploy
def __init__(rate_e18: uint256):
    self.rate = rate_e18


@external
@view
def getRate() -> uint256:
    """
    @return The token's worth with 18 decimals.
    """
    return self.rate


@external
def set_rate(rate_e18: uint256):
    """
    @notice Change the rate.
    """
    self.rate = rate_e18
