"""CircleCI's configuration: jobs with shell lines, and those of the orb aws-ecr."""
