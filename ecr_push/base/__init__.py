"""What every room uses: references, errors, severities, options, clock, processes, paths, YAML, the log.

Imports no other room.
"""
