"""The life of a batch, one file a step, in this order: form, sign, broadcast, confirm, settle.

Each step can be run twice; resuming is running the step of the batch's state again.
"""
