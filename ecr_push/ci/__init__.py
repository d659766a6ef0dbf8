"""What a CI says of its run: one file a CI, each a `CiProvider` in the table of `detect`.

May import base.
"""
