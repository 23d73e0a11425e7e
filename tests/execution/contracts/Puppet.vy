# pragma version 0.4.3
# pragma evm-version cancun
# SPDX-License-Identifier: MIT
"""
@title Puppet
@notice Whatever an attacker wants to be: a pool, a hook, a builder. Called by whatever name, it does its acts.
"""

struct Act:
    target: address
    value_wei: uint256
    data: Bytes[2048]
    must: bool

acts: DynArray[Act, 8]
cursor: transient(uint256)
depth: transient(uint256)
outcomes: public(bool[8])


@external
def rehearse(acts: DynArray[Act, 8]):
    self.acts = acts
    self.outcomes = empty(bool[8])


@external
@payable
def __default__():
    """
    @notice Do the acts; called again by one of them, go on with the next.
    """
    self.depth += 1
    for _: uint256 in range(8):
        place: uint256 = self.cursor
        if place >= len(self.acts):
            break
        self.cursor = place + 1
        act: Act = self.acts[place]
        success: bool = raw_call(
            act.target, act.data, value=act.value_wei, revert_on_failure=False
        )
        assert success or not act.must, "an act failed"
        self.outcomes[place] = success
    self.depth -= 1
    if self.depth == 0:
        self.cursor = 0
