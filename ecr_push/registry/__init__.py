"""Amazon ECR, private and public: the interface, its implementations, and all calls of AWS.

May import base, ci and versions.
"""
