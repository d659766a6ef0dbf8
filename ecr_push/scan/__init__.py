"""Waiting for the scan by ECR, and reading its findings.

May import the rooms up to builder.
"""
