"""ecr-push: from a commit to a judged container image in Amazon ECR."""
