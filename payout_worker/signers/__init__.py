"""The only code that sees private keys. Only ``steps.sign_batch`` imports it."""
