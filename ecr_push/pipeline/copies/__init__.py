"""`ecr-push copy` and `ecr-push mirror`: images as they are, from any registry into repositories of ECR."""
