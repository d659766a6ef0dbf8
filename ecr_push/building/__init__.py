"""Ways to build an image, behind `ecr_push.build`."""
