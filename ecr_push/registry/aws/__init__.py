"""The only door to AWS's SDK (boto3's core, botocore): sessions, roles, calls, and what its errors mean."""
