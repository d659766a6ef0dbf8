"""Which version a commit is: strategies, files that state one, and their order."""
