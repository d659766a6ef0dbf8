"""Copies of images between repositories: what belongs to one, its blobs to many, its manifests to each."""
