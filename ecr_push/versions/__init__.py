"""Which version a commit is: schemes that order versions, strategies, files that state one.

May import base and ci.
"""
