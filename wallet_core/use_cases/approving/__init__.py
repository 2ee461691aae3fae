"""What each kind of approval carries out, a file each; the table ``CARRIED`` in ``use_cases/approvals`` lists them.

docs/approvals.md tells how another kind is added.
"""
