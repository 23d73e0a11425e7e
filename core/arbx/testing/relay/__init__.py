"""
A relay on this machine, for tests and demonstrations: real HTTP, real signatures, real inclusion.

It speaks Flashbots' protocol, builds the blocks of a local chain with the bundles it was given, and misbehaves on
command.
"""

from arbx.testing.relay.builder import Block
from arbx.testing.relay.faults import Fault
from arbx.testing.relay.server import Heard, LocalRelay
from arbx.testing.relay.signature import sign_body, signer_of
from arbx.testing.relay.transaction import SignedTransaction, decode_signed, sign_transfer

__all__ = [
    "Block",
    "Fault",
    "Heard",
    "LocalRelay",
    "SignedTransaction",
    "decode_signed",
    "sign_body",
    "sign_transfer",
    "signer_of",
]
