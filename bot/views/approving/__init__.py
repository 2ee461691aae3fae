"""What the admins read about each kind of approval, a file each; ``PROMPTS`` in ``bot/views/approvals`` lists them."""
