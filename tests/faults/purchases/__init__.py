"""Payments of every ending, made while the worker is killed, and what must be true of them in the end."""
