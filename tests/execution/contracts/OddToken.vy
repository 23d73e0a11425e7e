# pragma version 0.4.3
# pragma evm-version cancun
# SPDX-License-Identifier: MIT
"""
@title OddToken
@notice A token with bad manners, for attacks on test chains; anyone may mint and set its manner.
@dev 0 good, 1 answers false and moves nothing, 2 answers nothing, 3 charges 1 %, 4 reverts, 5 calls its hook first.
"""

interface Hook:
    def hooked(): nonpayable

manner: public(uint256)
hook: public(address)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@external
def behave(manner: uint256, hook: address):
    self.manner = manner
    self.hook = hook


@external
def mint(receiver: address, amount: uint256):
    self.balanceOf[receiver] += amount


@external
@raw_return
def transfer(receiver: address, amount: uint256) -> Bytes[32]:
    if self.manner != 1:
        self._move(msg.sender, receiver, amount)
    return self._answer()


@external
@raw_return
def approve(spender: address, amount: uint256) -> Bytes[32]:
    self.allowance[msg.sender][spender] = amount
    return self._answer()


@external
@raw_return
def transferFrom(sender: address, receiver: address, amount: uint256) -> Bytes[32]:
    if self.manner != 1:
        self.allowance[sender][msg.sender] -= amount
        self._move(sender, receiver, amount)
    return self._answer()


@internal
def _move(sender: address, receiver: address, amount: uint256):
    assert self.manner != 4, "rude"
    if self.manner == 5:
        extcall Hook(self.hook).hooked()
    self.balanceOf[sender] -= amount
    fee: uint256 = amount // 100 if self.manner == 3 else 0
    self.balanceOf[receiver] += amount - fee


@internal
@view
def _answer() -> Bytes[32]:
    if self.manner == 2:
        return b""
    return abi_encode(self.manner != 1)
