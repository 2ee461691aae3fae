"""The ledger under crashes: a model beside it, killed processes, servers that fail, and bugs that must be seen."""
