"""An outcome as text: one module a format, and in `ci/` what a CI is told.

May import the rooms up to pipeline.
"""
