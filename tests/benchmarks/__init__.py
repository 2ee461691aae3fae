"""Speed as ratios measured in interleaved runs (A B A B); nothing here asserts a time. See ``docs/performance.md``."""
