"""The CIs: what each says about a run, and what it wants to be told."""
