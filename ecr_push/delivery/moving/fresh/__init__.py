"""Files for a repository that has none yet: ecr-push.yml, and one for its CI."""
