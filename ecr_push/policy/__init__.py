"""Which findings refuse an image: policy files, exceptions, VEX, comparison with other images, the verdict.

May import the rooms up to tags.
"""
