"""`ecr-push doctor`: looks at everything that a run needs, and changes nothing."""
