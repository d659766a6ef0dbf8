"""CodeBuild's buildspecs: what they do with images, and the same ones with ecr-push."""
