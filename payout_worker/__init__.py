"""The process that pays withdrawals and watches for deposits, unattended. ``docs/payouts.md`` has its protocol."""
