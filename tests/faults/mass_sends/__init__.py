"""Workers are killed while mass sends run."""
