"""What an image is called: tags by kind, tag rules, labels and annotations.

May import the rooms up to scan.
"""
