"""`images` of ecr-push.yml: several images of one repository, each with settings of its own.

`entry` has the noun and reads it, `needs` the order in which images need each other, `paths` what counts for
an image.
"""
