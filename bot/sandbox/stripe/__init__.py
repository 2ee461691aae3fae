"""A small stateful stand-in for Stripe, with which stripe-python 16 speaks over HTTP. It is not Stripe.

It moves no money, knows no card and asks for none: whether a payment succeeds is decided by buttons. It is there for
the wallet's own adapter, unchanged, to meet the answers, limits, events and signed webhooks that it meets at Stripe.

Base address: ``http://127.0.0.1:<port>/stripe`` (stripe-python puts ``/v1/...`` behind it), as in
``StripeClient(key, base_addresses={"api": "http://127.0.0.1:8090/stripe"})``. Amounts are US cents; no other currency.

server         HTTP: key, version, form, idempotency, expansion
operations     the table: method and path -> stripe-python's parameter type -> function
sessions  payment_intents  charges  refunds  disputes  balance  events        one module a resource
validation  forms        parameters against stripe-python's own types
webhooks       signed deliveries, retried with growing pauses
company        all of it in one object; ``bot.sandbox.world.Cards`` for the page and the control API
card_page      what a person sees instead of a card form
"""
