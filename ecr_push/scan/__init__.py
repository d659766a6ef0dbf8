"""Waiting for ECR's scan, and reading its findings.

May import the rooms up to builder.
"""
