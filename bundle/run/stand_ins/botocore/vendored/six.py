"""botocore imports it for those who import it from there, and uses nothing of it."""
