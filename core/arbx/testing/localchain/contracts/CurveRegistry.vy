# pragma version 0.4.3
# pragma evm-version cancun
# SPDX-License-Identifier: MIT
"""
@title CurveRegistry
@notice A list of pools that answers as Curve's MetaRegistry, a handler and a factory do, for test chains.
@dev Our own code. It is its own only handler and registry; anyone may list a pool.
"""

MOST_HANDLERS: constant(uint256) = 10

pool_count: public(uint256)
pool_list: public(HashMap[uint256, address])
get_implementation_address: public(HashMap[address, address])
is_meta: public(HashMap[address, bool])
listed: HashMap[address, bool]


@external
def add_pool(pool: address, implementation: address, meta: bool):
    """
    @notice List a pool, with the code that it runs.
    """
    assert not self.listed[pool], "is listed already"
    self.listed[pool] = True
    self.pool_list[self.pool_count] = pool
    self.pool_count += 1
    self.get_implementation_address[pool] = implementation
    self.is_meta[pool] = meta


@external
@view
def get_registry_handlers_from_pool(pool: address) -> address[MOST_HANDLERS]:
    """
    @return Who handles the pool: this contract, first.
    """
    assert self.listed[pool], "no registry"
    handlers: address[MOST_HANDLERS] = empty(address[MOST_HANDLERS])
    handlers[0] = self
    return handlers


@external
@view
def get_base_registry(handler: address) -> address:
    """
    @return What a handler stands for: itself.
    """
    return handler
