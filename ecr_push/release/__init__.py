"""Release tags: which may move, moving them, rolling them back, and the git tag.

May import the rooms up to policy.
"""
