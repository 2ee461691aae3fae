"""The steps of a mass send, each of which can be run again."""
