"""Pairs of package versions with the relation that the ecosystem's own tool sees between them."""

from __future__ import annotations

# As `dpkg --compare-versions` takes them; lib/dpkg/t/t-version.c of dpkg has the first block.
DPKG_PAIRS = """
0:0 eq 0:0-0
0 eq 0:0
1.2.3 eq 1.2.3-0
0:0-00 eq 0:00-0
1:2.0 lt 2:1.0
0:9 lt 1:0
0-0 lt 0-a
0-a gt 0-0
0.0-a lt 0.0-b
0.0-0-0 gt 0.0-0
0.0a lt 0.0+
0.0+ lt 0.0.
1.0~ lt 1.0
1.0~~ lt 1.0~~a
1.0~~a lt 1.0~
1.0~rc1-1 lt 1.0-1
1.0 lt 1.0-1~bpo12+1
1.0-1~bpo12+1 lt 1.0-1
1.0-1 lt 1.0-1+deb12u1
1.0-1+deb12u2 lt 1.0-1+deb12u10
1.0 lt 1.0a
1.0a lt 1.0+dfsg
1.0+dfsg-1 lt 1.0.1
1.0-2-1 gt 1.0-1
1.01 eq 1.1
1.002 eq 1.2
1.0a lt 1.0b
1.0A lt 1.0a
1.10 gt 1.9
9.2p1-2+deb12u3 lt 1:9.2p1-2+deb12u2
1.2.4-0.2+deb12u1 lt 1.10
"""


def pairs(table: str) -> list[tuple[str, str, str]]:
    """Returns (one version, lt or eq or gt, another version) of each line."""
    rows = [line.split() for line in table.split("\n") if line]
    return [(one, relation, other) for one, relation, other in rows]
