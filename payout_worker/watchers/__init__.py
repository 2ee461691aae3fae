"""What is polled at our own pace: deposits, and settled payouts whose block might still leave the chain."""
