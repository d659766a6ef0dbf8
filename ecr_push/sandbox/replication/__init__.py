"""Replication: other regions and accounts, each a registry of its own, that images arrive in.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""
