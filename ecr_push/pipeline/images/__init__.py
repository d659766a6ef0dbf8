"""Several images of one repository: which of them changed, and which image of the registry each one needs.

The story of an image is that of any other run, `pipeline/run.py`: nothing here builds or pushes.
"""
