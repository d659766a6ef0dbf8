"""ECR's two kinds of registry, behind `ecr_push.ecr`."""
