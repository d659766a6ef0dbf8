"""Outcome -> text: one module per format, and in `ci/` what is reported to a CI.

May import the rooms up to pipeline.
"""
