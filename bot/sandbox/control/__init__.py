"""The control API: people, their messages, faults, and the world outside; the page uses nothing else."""
