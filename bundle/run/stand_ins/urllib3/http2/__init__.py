"""HTTP/2 is not in the bundle: it needs h2, and looking for that loads importlib.metadata."""
