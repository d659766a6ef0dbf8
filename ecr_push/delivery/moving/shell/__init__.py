"""Shell scripts as CI files hold them: what they do to images, without running them.

`words` divides a text into words and operators, `script` makes commands of them (`nodes`), `expand` and
`printed` say what words and `$(…)` stand for, `commands` knows the command lines of docker, aws and others,
and `read` is the door: `read_script`. What is not understood is listed with its line; nothing is guessed.
"""
