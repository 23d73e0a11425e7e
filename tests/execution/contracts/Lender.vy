# pragma version 0.4.3
# pragma evm-version cancun
# SPDX-License-Identifier: MIT
"""
@title Lender
@notice Lend as Balancer's vault, Aave's pool and ERC-3156 lenders do, for 9 basis points.
"""

from ethereum.ercs import IERC20

interface Balancer:
    def receiveFlashLoan(
        tokens: DynArray[address, 8], amounts: DynArray[uint256, 8],
        fees: DynArray[uint256, 8], data: Bytes[1024],
    ): nonpayable

interface Aave:
    def executeOperation(
        asset: address, amount: uint256, premium: uint256, initiator: address, params: Bytes[1024]
    ) -> bool: nonpayable

interface Borrower:
    def onFlashLoan(
        initiator: address, token: address, amount: uint256, fee: uint256, data: Bytes[1024]
    ) -> bytes32: nonpayable

FEE_BPS: constant(uint256) = 9


@external
def flashLoan(
    receiver: address, tokens: DynArray[address, 8], amounts: DynArray[uint256, 8], data: Bytes[1024]
):
    fee: uint256 = amounts[0] * FEE_BPS // 10_000
    token: IERC20 = IERC20(tokens[0])
    before: uint256 = staticcall token.balanceOf(self)
    extcall token.transfer(receiver, amounts[0])
    extcall Balancer(receiver).receiveFlashLoan(tokens, amounts, [fee], data)
    assert staticcall token.balanceOf(self) >= before + fee, "unpaid"


@external
def flashLoanSimple(receiver: address, asset: address, amount: uint256, params: Bytes[1024], code: uint16):
    fee: uint256 = amount * FEE_BPS // 10_000
    extcall IERC20(asset).transfer(receiver, amount)
    assert extcall Aave(receiver).executeOperation(asset, amount, fee, msg.sender, params), "no"
    extcall IERC20(asset).transferFrom(receiver, self, amount + fee)


@external
def lend(receiver: address, token: address, amount: uint256, data: Bytes[1024]):
    """
    @notice ERC-3156, whose flashLoan would clash with the vault's here.
    """
    fee: uint256 = amount * FEE_BPS // 10_000
    extcall IERC20(token).transfer(receiver, amount)
    answer: bytes32 = extcall Borrower(receiver).onFlashLoan(msg.sender, token, amount, fee, data)
    assert answer == keccak256("ERC3156FlashBorrower.onFlashLoan"), "no"
    extcall IERC20(token).transferFrom(receiver, self, amount + fee)
