"""What every room uses: references, errors, severities, the clock, processes, paths, YAML, the log.

Imports no other room.
"""
