"""The order of package versions: one module for each ecosystem.

`key(text)` of each module returns a sort key: keys of one module compare with each other, and equal keys are
one version to the ecosystem, even where the text differs (`1.0` and `1.00` to dpkg). Every text has a key, so
that a version that breaks the ecosystem's rules still has its place. Where a module has `check(text)`, it
raises ValueError for such a version.

| module       | ecosystems                           |
|--------------|--------------------------------------|
| `debian`     | Debian, Ubuntu                       |
| `alpine`     | Alpine, Wolfi, Chainguard            |
| `rpm`        | Red Hat, Fedora, Amazon Linux, SUSE  |
| `pep440`     | PyPI                                 |
| `semver`     | npm, Cargo, Go                       |
| `maven`      | Maven, Gradle                        |
| `generic`    | all others                           |
"""
