"""Lifecycle policies: read, evaluated as ECR does, and checked for traps.

May import base, ci, versions and registry.
"""
