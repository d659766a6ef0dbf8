"""What does not go together among settings that are valid each by itself: one file a subject.

A check is a function whose parameters are the options that it reads, by name. It yields the name of the
option that is wrong, and what is wrong with it. It may also read `command`, and `needs_repository`.
"""
