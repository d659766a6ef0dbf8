"""Ways to build an image and to push it as a candidate: buildx, the engine, an image that is there.

May import the rooms up to source.
"""
