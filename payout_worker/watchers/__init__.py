"""What is looked at at our own pace, in the chain and in our own books.

Deposits, and what becomes of them: credits, cases, held money, debts, orders that nobody paid. And settled payouts,
whose block might still leave the chain.
"""
