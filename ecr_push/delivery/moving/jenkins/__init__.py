"""Jenkinsfiles, declarative and scripted: what they do with images, and the same ones with the step ecrPush.

Groovy is not evaluated: `groovy` divides the text, `tree` makes statements and blocks of it, `evaluate` says
what an expression stands for as far as it is in the file, `read` finds the steps, `write` and `move` change
the text by position. What is not understood is listed.
"""
