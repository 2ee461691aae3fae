"""What the card rail does, one thing a file: pages to pay at, credits, events, and money that goes back."""
