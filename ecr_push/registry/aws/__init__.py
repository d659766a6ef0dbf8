"""The only door to boto3: sessions, roles, calls, and what AWS's errors mean."""
