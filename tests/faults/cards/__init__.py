"""Faults of the card rail: kills of the worker and of the bot, lost answers, webhooks in any order."""
