"""A local Bot API server: what a bot library sees of Telegram, on your own machine."""
