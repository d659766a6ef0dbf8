"""Findings of other scanners than ECR's: their formats, one file each, and what they add to a scan."""
