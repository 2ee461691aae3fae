"""The card rail against the stand-in for Stripe, over HTTP, with Stripe's own library."""
