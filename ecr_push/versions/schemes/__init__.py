"""Version schemes: which names are versions, how they are ordered, and what comes next."""
