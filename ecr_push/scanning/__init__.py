"""The wait for a scan's answer, and reading it; `ecr_push.scan` is the phase."""
