"""AWS's policies as data: reads them, and decides a request by them. Pure; it asks AWS nothing.

`read.py` makes a `Policy` of a document or lists its mistakes, `decide.py` says what a request may, and why.
The rules are those of the IAM user guide; each module names its page.
"""
