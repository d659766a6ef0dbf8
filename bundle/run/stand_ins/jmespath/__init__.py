"""jmespath, which is loaded when the SDK pages, or asks by an expression what an endpoint depends on."""


def compile(expression):
    from jmespath.parser import Parser

    return Parser().parse(expression)


def search(expression, data, options=None):
    return compile(expression).search(data, options=options)
