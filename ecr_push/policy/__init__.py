"""Which findings refuse an image: the policy's files, exceptions, VEX, comparison, and the verdict.

May import the rooms up to tags.
"""
