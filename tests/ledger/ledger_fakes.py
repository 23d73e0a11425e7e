"""A chain of one account that mines, forgets and answers at once."""

from eth_utils import keccak

from arbx.chain import BlockRef, Receipt

SIGNER = "0x" + "ab" * 20


class FakeBlocks:
    """Answer as `arbx.chain.Chain` does; a block is a list of (nonce, transaction hash, succeeded)."""

    chain_id = 1

    def __init__(self, signer, blocks=0):
        self.signer = signer
        self.blocks = [[] for _ in range(blocks + 1)]
        self.fork = 0
        self.asked = []

    @property
    def head(self):
        return len(self.blocks) - 1

    def mine(self, *transactions, empty=0):
        self.blocks.append(list(transactions))
        self.blocks += [[] for _ in range(empty)]

    def reorganise(self, depth):
        """Forget the newest blocks."""
        del self.blocks[len(self.blocks) - depth :]
        self.fork += 1

    def hash(self, number):
        history = repr((number, self.blocks[: number + 1], self.fork if number else 0))
        return "0x" + keccak(text=history).hex()

    async def block(self, number=None):
        at = self.head if number is None else number
        return BlockRef(at, self.hash(at), "0x", 0)

    async def nonce(self, address, *, block=None):
        assert address == self.signer
        newest = self.head if block is None else block
        return sum(len(transactions) for transactions in self.blocks[: newest + 1])

    async def receipts(self, hashes):
        self.asked += hashes
        return [self._receipt(wanted) for wanted in hashes]

    def _receipt(self, wanted):
        for number, transactions in enumerate(self.blocks):
            for _, tx_hash, succeeded in transactions:
                if tx_hash == wanted:
                    return Receipt(wanted, "0x", number, self.hash(number), succeeded, 21_000, 7)
        return None
