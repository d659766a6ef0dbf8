"""GitLab's .gitlab-ci.yml: jobs with shell lines."""
