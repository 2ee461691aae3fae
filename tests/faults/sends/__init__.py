"""Faults while money waits: the bot and the worker are killed around claims, take-backs, expiries and runs."""
