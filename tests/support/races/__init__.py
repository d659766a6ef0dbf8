"""Races of whole pipelines on one sandbox: who takes part, what they do, and which promises were kept."""
