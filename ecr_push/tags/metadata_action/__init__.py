"""The tag rules of docker/metadata-action (`tags:` and `flavor:`), so that their lines move over unchanged.

`grammar` and `flavor` read the text, `render` turns the rules and the facts of a run into tags.
Pure: no clock, no environment, no file but the zone data that a `tz=` asks for.
"""
