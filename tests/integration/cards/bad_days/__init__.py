"""What goes wrong with cards, on the ledger in memory."""
