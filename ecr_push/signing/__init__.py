"""Signatures of images and of statements about them: who signs, whose signatures count, and the programs.

May import the rooms up to policy.
"""
