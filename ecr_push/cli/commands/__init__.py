"""What each command does, apart from its arguments: `ecr_push.cli` has those."""
