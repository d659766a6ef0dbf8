"""The error of urllib3 that one of botocore's own is, for programs of long ago that catch it."""


class ReadTimeoutError(Exception):
    pass
