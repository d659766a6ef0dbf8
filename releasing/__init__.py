"""How a release is made; `scripts/release` runs it.

versions     which versions there may be, and which tags one gets
changelog    its sections
documents    the lines of the pages and examples that are copied, which name a version
repository   git, here and on the remote
mistakes     what speaks against a release, all of it at once
commits      the two commits of a release
archive      what the archive of a release has
command      the command line
readme       README.md as an index shows it
files        what is published beside the commit: packages, archive, sums, notes
"""
