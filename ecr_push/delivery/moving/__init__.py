"""Moving over: what a repository and its CI's files do with images -> the files that do it with ecr-push.

`model.py` has the nouns, `kinds.py` the table of files that are read; a CI's own is in a package or file.
Everything here is text in, text out: `cli/commands/init.py` reads and writes.
"""
