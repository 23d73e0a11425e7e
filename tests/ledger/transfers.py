"""Sign transfers with a key that is worth nothing."""

import random

from arbx.testing.reference_keystore import REFERENCE_KEY, ReferenceKeyStore
from arbx.testing.relay import sign_transfer

SIGNER = ReferenceKeyStore().address


def sign(nonce, chain_id):
    """Sign a transfer of a random amount: signed twice, it has other bytes."""
    return sign_transfer(
        REFERENCE_KEY,
        chain_id=chain_id,
        nonce=nonce,
        to="0x" + "11" * 20,
        value_wei=random.randrange(1, 10**12),
    )
