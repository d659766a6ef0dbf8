"""Lifecycle policies: read, evaluated as ECR does, and checked for traps."""
