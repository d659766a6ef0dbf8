"""What a team accepts: its files, its exceptions, what findings are held against. `ecr_push.gate` judges."""
