"""The proof: the product's own processes are killed, frozen and lied to, and only the vendors' ledgers judge."""
