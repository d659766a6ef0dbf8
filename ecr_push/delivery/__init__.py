"""From an accepted image to a deployment: one module a consumer.

May import the rooms up to report.
"""
