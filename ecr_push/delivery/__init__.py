"""From an accepted image to a deployment: one module per consumer.

May import the rooms up to report.
"""
