"""dateutil's parser, which is loaded when the SDK parses a time. ECR's answers have times as numbers."""


def parse(*arguments, **options):
    from dateutil.parser._parser import parse

    return parse(*arguments, **options)
