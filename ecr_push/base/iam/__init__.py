"""AWS's policies as data: reads them, decides a request by them, and writes them. Pure; it asks AWS nothing.

`read.py` makes a `Policy` of a document or lists its mistakes, `decide.py` says what a request may, and why,
`write.py` prints a policy of statements that `allow_statement.py` has. The rules are those of the IAM user
guide; each module names its page.
"""
