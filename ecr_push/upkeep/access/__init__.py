"""Would a principal be allowed? Decided by `base/iam` over everything that applies to a repository.

`question.py` reads who asks and for what, `answer.py` decides, call by call.
"""
