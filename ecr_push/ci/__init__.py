"""What a CI says of its run: one file a CI turns its variables into `CiFacts`; `detect` picks it.

May import base.
"""
