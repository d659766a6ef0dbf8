"""Where release tags are, were and may go; `ecr_push.promote` moves them."""
