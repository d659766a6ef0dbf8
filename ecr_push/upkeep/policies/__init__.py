"""Policies of repositories and of the registry: who may pull, push and replicate, in a few words, and back.

`read.py` reads the words of a file, `render.py` writes ECR's JSON, `words.py` says in the same words what a
JSON policy allows, `check.py` finds what opens it to the world, and what is doubtful.
"""
