"""The steps by which older ledgers become what `tables` describes."""
