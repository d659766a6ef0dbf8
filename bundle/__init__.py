"""What a release carries, so that its wrappers need no package index: our code and its dependencies.

    make      the folder, its list and its sums, in this order
    wheels    the lock -> the files of the wheels that it names
    contents  which of these files are needed
    models    botocore's data, cut to what is called
    archives  sources -> archives, compiled by each Python
    compile   one Python's part of that; it runs there
    run/      the two files that are written for the bundle alone: its start, and what stands for certifi

The standard library and pip are enough to make it.
"""
