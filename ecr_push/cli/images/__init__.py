"""A command for several images of ecr-push.yml: which they are, a run of each, what became of all of them."""
