"""The story: from a commit to a judged image, phase by phase, and what became of it.

May import the rooms up to settings.
"""
