"""Rules and facts -> tags, as a table: all that docker/metadata-action is tested with, and more.

The expected tags were read from the action's own code at work. `AS_PEER` holds what it gives where we give
something else on purpose; all other rows hold both ways.
"""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ecr_push.tags.metadata_action.flavor import parse_flavor
from ecr_push.tags.metadata_action.grammar import parse_rules
from ecr_push.tags.metadata_action.render import RuleFacts, render_rules

NOW = datetime(2020, 1, 10, 0, 30, tzinfo=timezone.utc)
COMMITTED = datetime(2019, 5, 6, 7, 8, 9, tzinfo=timezone.utc)

DEV = "860c1904a1ce19322e91ac35af1ab07466440c37"
MASTER = "266574110acf203503badf966df2ea24b5d732d7"
MAIN = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"
MERGE = "a9c8c5828b91be19d9728548b24759e352367ef1"
HEAD = "3370e228f2209994d57af4427fe64e71bb79ac96"
ODD = "983315b5e8d46e46fc4c49869e85e7ee5fb289ba"

RUNS: dict[str, dict[str, str]] = {
    "null": {},
    "push_dev": {"event": "push", "branch": "dev", "sha": DEV},
    "push_master": {"event": "push", "branch": "master", "sha": MASTER},
    "workflow_dispatch": {"event": "workflow_dispatch", "branch": "master", "sha": DEV},
    "push_invalidchars": {"event": "push", "branch": "my/feature#1245", "sha": ODD},
    "release1": {"event": "push", "tag": "release1", "sha": DEV},
    "20200110-RC2": {"event": "push", "tag": "20200110-RC2", "sha": DEV},
    "v1.1.1": {"event": "push", "tag": "v1.1.1", "base_ref": "master", "sha": DEV},
    "v2.0.8-beta.67": {"event": "push", "tag": "v2.0.8-beta.67", "sha": DEV},
    "sometag": {"event": "push", "tag": "sometag", "sha": DEV},
    "p1-v1.0.0": {"event": "push", "tag": "p1/v1.0.0", "sha": DEV},
    "1.2": {"event": "push", "tag": "1.2", "sha": DEV},
    "1.1beta2": {"event": "push", "tag": "1.1beta2", "sha": DEV},
    "1.0dev4": {"event": "push", "tag": "1.0dev4", "sha": DEV},
    "1.2.3rc2": {"event": "push", "tag": "1.2.3rc2", "sha": DEV},
    "1.2post1": {"event": "push", "tag": "1.2post1", "sha": DEV},
    "v1.2.3rc2": {"event": "push", "tag": "v1.2.3rc2", "sha": DEV},
    "pull_request": {"event": "pull_request", "pull_request": "15", "base_ref": "master", "sha": MERGE},
    "pull_request_target": {
        "event": "pull_request_target",
        "pull_request": "15",
        "base_ref": "master",
        "sha": MASTER,
    },
    "pull_request_head": {"event": "pull_request", "pull_request": "15", "base_ref": "master", "sha": HEAD},
    "pull_request_target_head": {
        "event": "pull_request_target",
        "pull_request": "15",
        "base_ref": "master",
        "sha": HEAD,
    },
    "schedule": {"event": "schedule", "branch": "master", "sha": DEV},
    "release_created": {"event": "release", "tag": "v1.1.1", "sha": DEV},
    "main": {"event": "push", "branch": "main", "sha": MAIN, "default_branch": "main"},
    "feature": {"event": "push", "branch": "feature/login", "sha": MAIN, "default_branch": "main"},
    "issue": {"event": "push", "branch": "fix#12 & <more>='x'", "sha": MAIN, "default_branch": "main"},
    "release": {"event": "push", "tag": "v10.20.30", "sha": MAIN, "default_branch": "main"},
    "rc": {"event": "push", "tag": "v1.5.0-rc.1", "sha": MAIN, "default_branch": "main"},
    "built": {"event": "push", "tag": "1.4.2+linux.7", "sha": MAIN, "default_branch": "main"},
    "local": {"event": "push", "tag": "1.0+ubuntu.1", "sha": MAIN, "default_branch": "main"},
    "package": {
        "event": "push",
        "tag": "tools/v2.1.0",
        "base_ref": "main",
        "sha": MAIN,
        "default_branch": "main",
    },
    "post": {"event": "push", "tag": "v1.2-1", "sha": MAIN, "default_branch": "main"},
    "epoch": {"event": "push", "tag": "1!2.3", "sha": MAIN, "default_branch": "main"},
    "nightly": {"event": "schedule", "branch": "main", "sha": MAIN, "default_branch": "main"},
    "from_fork": {
        "event": "pull_request",
        "pull_request": "7",
        "base_ref": "develop",
        "sha": MAIN,
        "default_branch": "main",
    },
    "jenkins": {"branch": "main", "sha": MAIN, "default_branch": "main"},
    "created": {"event": "create", "branch": "release/1", "sha": MAIN, "default_branch": "main"},
    "short_version": {"event": "push", "tag": "2", "sha": MAIN, "default_branch": "main"},
    "four": {"event": "push", "tag": "1.2.3.4", "sha": MAIN, "default_branch": "main"},
    "odd": {"event": "push", "tag": "V1.2.3", "sha": MAIN, "default_branch": "main"},
    "alpha": {"event": "push", "tag": "1.0alpha", "sha": MAIN, "default_branch": "main"},
    "dev_of": {"event": "push", "tag": "1.0.dev3", "sha": MAIN, "default_branch": "main"},
}

# run, rules and flavor (lines divided by " ; "), tags
CASES = [
    ("null", "", "", ""),
    ("null", "type=sha ; type=raw,{{branch}}", "", ""),
    ("push_dev", "", "", "dev"),
    ("push_master", "type=edge", "", "edge"),
    ("push_master", "", "", "master"),
    ("workflow_dispatch", "type=edge", "", "edge"),
    ("push_dev", "type=ref,event=branch ; type=sha", "", "dev sha-860c190"),
    ("push_master", "type=edge ; type=sha", "", "edge sha-2665741"),
    ("push_dev", "type=edge,branch=dev ; type=sha", "", "edge sha-860c190"),
    ("push_master", "type=edge,branch=dev ; type=sha", "", "sha-2665741"),
    ("push_invalidchars", "type=edge ; type=sha", "", "sha-983315b"),
    (
        "push_invalidchars",
        "type=semver,pattern={{version}} ; type=pep440,pattern={{version}} ; type=edge",
        "",
        "",
    ),
    ("push_master", "type=ref,priority=2000,event=branch ; type=edge", "", "master edge"),
    (
        "push_master",
        (
            "type=semver,pattern={{version}},value=v1.2.3 ; "
            "type=pep440,pattern={{version}},value=v1.2.3 ; type=edge"
        ),
        "",
        "1.2.3 edge latest",
    ),
    ("push_master", "type=match,pattern=v(.*),group=1,value=v1.2.3 ; type=edge", "", "1.2.3 edge latest"),
    ("push_master", "type=match,enable=false,pattern=v(.*),group=1,value=v1.2.3 ; type=edge", "", "edge"),
    (
        "push_master",
        (
            "type=raw,value=mytag-{{branch}} ; type=raw,value=mytag-{{date 'YYYYMMDD'}} ; "
            "type=raw,value=mytag-cd-{{commit_date 'YYYYMMDD'}} ; "
            "type=raw,value=mytag-{{date 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}} ; "
            "type=raw,value=mytag-tag-{{tag}} ; type=raw,value=mytag-baseref-{{base_ref}} ; "
            "type=raw,value=mytag-defbranch,enable={{is_default_branch}}"
        ),
        "",
        (
            "mytag-master mytag-20200110 mytag-cd-20190506 mytag-20200110-093000 mytag-tag- "
            "mytag-baseref- mytag-defbranch"
        ),
    ),
    (
        "push_dev",
        "type=ref,event=branch ; type=sha,format=long",
        "",
        "dev sha-860c1904a1ce19322e91ac35af1ab07466440c37",
    ),
    (
        "push_dev",
        (
            "type=edge,branch=master ; type=ref,event=branch,enable=false ; type=sha,format=long ; "
            "type=raw,value=defbranch,enable={{is_default_branch}}"
        ),
        "",
        "sha-860c1904a1ce19322e91ac35af1ab07466440c37",
    ),
    (
        "push_dev",
        "type=edge,branch=master ; type=ref,event=branch,enable=false ; type=sha,format=long",
        "",
        "sha-860c1904a1ce19322e91ac35af1ab07466440c37",
    ),
    (
        "push_master",
        (
            "type=raw,value=mytag-{{branch}} ; type=raw,value=mytag-{{date 'YYYYMMDD'}} ; "
            "type=raw,value=mytag-{{date 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}} ; "
            "type=raw,value=mytag-src-{{commit_date 'YYYYMMDD'}} ; type=raw,value=mytag-tag-{{tag}} ; "
            "type=raw,value=mytag-baseref-{{base_ref}} ; "
            "type=raw,value=mytag-defbranch,enable={{is_default_branch}}"
        ),
        "",
        (
            "mytag-master mytag-20200110 mytag-20200110-093000 mytag-src-20190506 mytag-tag- "
            "mytag-baseref- mytag-defbranch"
        ),
    ),
    (
        "push_dev",
        (
            "type=edge,branch=master ; type=sha,format=long ; "
            "type=raw,value=notdefbranch,enable={{is_not_default_branch}}"
        ),
        "",
        "notdefbranch sha-860c1904a1ce19322e91ac35af1ab07466440c37",
    ),
    ("release1", "", "", "release1 latest"),
    ("20200110-RC2", "", "", "20200110-RC2"),
    ("20200110-RC2", r"type=match,pattern=\d{8}", "latest=false", "20200110"),
    ("20200110-RC2", "type=match,pattern=(.*)-RC,group=1", "latest=false", "20200110"),
    ("v1.1.1", r'type=match,"pattern=\d.\d.\d"', "", "1.1.1 latest"),
    ("v1.1.1", r'type=match,"pattern=^v(\d.\d.\d)$",group=1', "", "1.1.1 latest"),
    ("v2.0.8-beta.67", r'type=match,"pattern=\d.\d.\d-(alpha|beta).\d+"', "", "2.0.8-beta.67"),
    ("v2.0.8-beta.67", r'type=match,"pattern=\d.\d"', "", "2.0"),
    (
        "v2.0.8-beta.67",
        ('type=match,"pattern=v(.*)-beta.(.*)",group=1 ; type=match,"pattern=v(.*)-beta.(.*)",group=2'),
        "",
        "2.0.8 67",
    ),
    ("sometag", r'type=match,"pattern=\d.\d"', "", ""),
    (
        "v1.1.1",
        (
            "type=semver,pattern={{version}} ; type=semver,pattern={{major}}.{{minor}} ; "
            "type=semver,pattern={{major}}"
        ),
        "",
        "1.1.1 1.1 1 latest",
    ),
    (
        "v1.1.1",
        "type=semver,pattern={{version}} ; type=semver,pattern={{major}}.{{minor}}.{{patch}}",
        "",
        "1.1.1 latest",
    ),
    (
        "v2.0.8-beta.67",
        "type=semver,pattern={{major}}.{{minor}} ; type=semver,pattern={{major}}",
        "",
        "2.0.8-beta.67",
    ),
    (
        "sometag",
        (
            "type=ref,event=tag ; type=semver,pattern={{version}} ; "
            "type=semver,pattern={{major}}.{{minor}} ; type=semver,pattern={{major}}"
        ),
        "latest=false",
        "sometag",
    ),
    (
        "v2.0.8-beta.67",
        (
            "type=raw,priority=2000,foo ; type=semver,pattern={{version}} ; "
            r'type=match,"pattern=\d.\d"'
        ),
        "",
        "foo 2.0.8-beta.67 2.0",
    ),
    ("v1.1.1", "type=raw,priority=2000,foo ; type=ref,event=tag ; type=edge", "", "foo v1.1.1"),
    (
        "p1-v1.0.0",
        (
            r'type=match,"pattern=/^v(\d.\d.\d)$/ig",group=1 ; type=match,pattern=\d.\d.\d ; '
            r"type=match,pattern=\d.\d ; type=ref,event=pr ; type=sha"
        ),
        "",
        "1.0.0 1.0 sha-860c190 latest",
    ),
    (
        "p1-v1.0.0",
        (
            r"type=match,pattern=p1/v(\d.\d.\d),group=1 ; type=match,pattern=p1/v(\d.\d),group=1 ; "
            r"type=match,pattern=p1/v(\d.\d),group=3 ; type=ref,event=pr ; type=sha"
        ),
        "",
        "1.0.0 1.0 sha-860c190 latest",
    ),
    (
        "p1-v1.0.0",
        (
            r"type=match,pattern=p1/v(\d.\d.\d),group=1 ; "
            r"type=match,pattern=p1/v(\d.\d),group=1,suffix= ; type=ref,event=pr ; type=sha"
        ),
        "suffix=-dev",
        "1.0.0-dev 1.0 sha-860c190-dev latest",
    ),
    (
        "v1.1.1",
        (
            "type=raw,{{tag}}-{{sha}}-foo ; type=raw,{{base_ref}}-foo ; "
            "type=raw,defbranch-foo,enable={{is_default_branch}}"
        ),
        "",
        "v1.1.1-860c190-foo master-foo",
    ),
    (
        "v1.1.1",
        "type=semver,pattern={{version}} ; type=semver,pattern={{major}}.{{minor}}.{{patch}}",
        "suffix=-dev,onlatest=true",
        "1.1.1-dev latest-dev",
    ),
    (
        "v1.1.1",
        "type=semver,pattern={{version}} ; type=semver,pattern={{major}}.{{minor}}.{{patch}}",
        "prefix=foo-,onlatest=true ; suffix=-dev,onlatest=true",
        "foo-1.1.1-dev foo-latest-dev",
    ),
    (
        "v1.1.1",
        "type=pep440,pattern={{raw}} ; type=pep440,pattern={{major}}.{{minor}}",
        "",
        "v1.1.1 1.1 latest",
    ),
    ("1.2", "type=pep440,pattern={{version}} ; type=pep440,pattern={{major}}.{{minor}}", "", "1.2 latest"),
    ("1.1beta2", "type=pep440,pattern={{major}}.{{minor}} ; type=pep440,pattern={{major}}", "", "1.1b2"),
    ("1.0dev4", "type=pep440,pattern={{major}}.{{minor}} ; type=pep440,pattern={{major}}", "", "1.0.dev4"),
    (
        "1.2.3rc2",
        (
            "type=pep440,pattern={{raw}} ; type=pep440,pattern={{version}} ; "
            "type=pep440,pattern={{major}}.{{minor}} ; type=pep440,pattern={{major}}"
        ),
        "",
        "1.2.3rc2",
    ),
    (
        "v1.1.1",
        (
            "type=pep440,pattern={{version}} ; type=pep440,pattern={{major}}.{{minor}}.{{patch}} ; "
            "type=pep440,pattern={{major}}.{{minor}} ; type=pep440,pattern={{major}}"
        ),
        "",
        "1.1.1 1.1 1 latest",
    ),
    (
        "1.2post1",
        (
            "type=pep440,pattern={{version}} ; type=pep440,pattern={{major}}.{{minor}} ; "
            "type=pep440,pattern={{major}}"
        ),
        "",
        "1.2.post1",
    ),
    (
        "sometag",
        (
            "type=ref,event=tag ; type=pep440,pattern={{version}} ; "
            "type=pep440,pattern={{major}}.{{minor}} ; type=pep440,pattern={{major}}"
        ),
        "latest=false",
        "sometag",
    ),
    ("v2.0.8-beta.67", "type=semver,pattern={{raw}}", "", "v2.0.8-beta.67"),
    (
        "v1.2.3rc2",
        "type=pep440,pattern={{raw}} ; type=pep440,pattern={{major}}.{{minor}}",
        "",
        "v1.2.3rc2 1.2.3rc2",
    ),
    ("p1-v1.0.0", r'type=semver,pattern={{version}},"match=v(\d.\d.\d)$"', "", "1.0.0 latest"),
    (
        "push_master",
        (
            r'type=semver,pattern={{version}},value=p1/v1.2.3,"match=v(\d.\d.\d)$" ; '
            r'type=pep440,pattern={{version}},value=p1/v1.2.3,"match=v(\d.\d.\d)$" ; type=edge'
        ),
        "",
        "1.2.3 edge latest",
    ),
    ("release1", r'type=match,"pattern=^release\d{1,2}"', "", "release1 latest"),
    ("20200110-RC2", r'type=match,"pattern=^\d+-RC\d{1,2}"', "", "20200110-RC2"),
    ("20200110-RC2", r"type=match,pattern=\d{8}", "", "20200110"),
    ("v1.1.1", "", "", "v1.1.1 latest"),
    ("v2.0.8-beta.67", r'type=match,"pattern=\d.\d.\d"', "", "2.0.8"),
    ("v1.1.1", "type=ref,event=tag", "latest=false", "v1.1.1"),
    ("pull_request", "", "", "pr-15"),
    ("pull_request", "type=ref,event=pr ; type=sha", "", "pr-15 sha-a9c8c58"),
    ("pull_request", "type=sha,priority=2000 ; type=ref,event=pr", "", "sha-a9c8c58 pr-15"),
    ("pull_request", "type=ref,event=pr", "prefix=glo- ; suffix=-bal", "pr-15-bal"),
    ("pull_request", "type=ref,event=pr,prefix=", "prefix=glo- ; suffix=-bal", "15-bal"),
    ("pull_request_target", "type=sha,priority=2000 ; type=ref,event=pr", "", "sha-2665741 pr-15"),
    ("pull_request_target", "type=ref,event=pr,prefix=", "prefix=glo- ; suffix=-bal", "15-bal"),
    (
        "pull_request_target",
        ("type=ref,event=tag ; type=ref,event=pr ; type=ref,event=branch ; type=sha ; type=sha,format=long"),
        "",
        "pr-15 sha-2665741 sha-266574110acf203503badf966df2ea24b5d732d7",
    ),
    (
        "pull_request_target",
        ("type=raw,value=mytag-{{base_ref}} ; type=raw,mytag-defbranch,enable={{is_default_branch}}"),
        "",
        "mytag-master",
    ),
    (
        "pull_request",
        ("type=raw,value=mytag-{{base_ref}} ; type=raw,mytag-defbranch,enable={{is_default_branch}}"),
        "",
        "mytag-master",
    ),
    ("pull_request", "type=raw,value={{commit_date YYYY-MM-DD-HHmmSS}}", "", "2019-05-06T07-08-09Z"),
    ("pull_request_head", "", "", "pr-15"),
    ("pull_request_head", "type=ref,event=pr ; type=sha", "", "pr-15 sha-3370e22"),
    ("pull_request_head", "type=sha,priority=2000 ; type=ref,event=pr", "", "sha-3370e22 pr-15"),
    ("pull_request_head", "type=ref,event=pr", "prefix=glo- ; suffix=-bal", "pr-15-bal"),
    ("pull_request_head", "type=ref,event=pr,prefix=", "prefix=glo- ; suffix=-bal", "15-bal"),
    ("pull_request_target_head", "type=sha,priority=2000 ; type=ref,event=pr", "", "sha-3370e22 pr-15"),
    ("pull_request_target_head", "type=ref,event=pr,prefix=", "prefix=glo- ; suffix=-bal", "15-bal"),
    (
        "pull_request_target_head",
        ("type=ref,event=tag ; type=ref,event=pr ; type=ref,event=branch ; type=sha ; type=sha,format=long"),
        "",
        "pr-15 sha-3370e22 sha-3370e228f2209994d57af4427fe64e71bb79ac96",
    ),
    (
        "pull_request_target_head",
        ("type=raw,value=mytag-{{base_ref}} ; type=raw,mytag-defbranch,enable={{is_default_branch}}"),
        "",
        "mytag-master",
    ),
    (
        "pull_request_head",
        ("type=raw,value=mytag-{{base_ref}} ; type=raw,mytag-defbranch,enable={{is_default_branch}}"),
        "",
        "mytag-master",
    ),
    ("pull_request_head", "type=raw,value=src-{{commit_date YYYY-MM-DD}}", "", "src-2019-05-06T07-08-09Z"),
    ("schedule", "", "", "nightly master"),
    (
        "schedule",
        (
            "type=schedule,pattern={{date 'YYYYMMDD'}} ; "
            "type=schedule,pattern=source-date-{{commit_date 'YYYY-MM-DD'}}"
        ),
        "",
        "20200110 source-date-2019-05-06",
    ),
    ("schedule", "type=schedule,pattern={{date 'YYYYMMDD-HHmmss'}}", "", "20200110-003000"),
    ("schedule", "type=schedule ; type=sha", "", "nightly sha-860c190"),
    (
        "schedule",
        ("type=schedule ; type=sha,priority=2000 ; type=raw,value=defbranch,enable={{is_default_branch}}"),
        "",
        "sha-860c190 nightly defbranch",
    ),
    ("schedule", "type=schedule", "prefix=glo- ; suffix=-bal", "glo-nightly-bal"),
    (
        "schedule",
        (
            "type=schedule,pattern={{date 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}} ; "
            "type=schedule,pattern=src-{{commit_date 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}}"
        ),
        "",
        "20200110-093000 src-20190506-160809",
    ),
    ("release_created", "", "", "v1.1.1 latest"),
    (
        "release_created",
        (
            "type=ref,event=tag ; type=raw,value=baseref-{{base_ref}} ; "
            "type=raw,value=defbranch,enable={{is_default_branch}}"
        ),
        "",
        "v1.1.1 baseref- latest",
    ),
    (
        "release_created",
        ("type=raw,value=src-{{commit_date 'YYYYMMDD-HHmmss'}} ; type=raw,value={{date 'YYYYMMDD-HHmmss'}}"),
        "",
        "src-20190506-070809 20200110-003000",
    ),
    (
        "push_dev",
        "type=ref,event=branch ; type=raw,my ; type=raw,custom ; type=raw,tags",
        "",
        "dev my custom tags",
    ),
    ("push_dev", "type=ref,event=branch ; type=raw,my", "", "dev my"),
    (
        "release1",
        "type=ref,event=tag ; type=raw,my ; type=raw,custom ; type=raw,tags",
        "",
        "release1 my custom tags latest",
    ),
    (
        "20200110-RC2",
        r"type=match,pattern=\d{8} ; type=raw,my ; type=raw,custom ; type=raw,tags",
        "latest=false",
        "20200110 my custom tags",
    ),
    (
        "v1.1.1",
        (
            "type=semver,pattern={{version}} ; type=semver,pattern={{major}}.{{minor}} ; "
            "type=semver,pattern={{major}} ; type=raw,my ; type=raw,custom ; type=raw,tags"
        ),
        "",
        "1.1.1 1.1 1 my custom tags latest",
    ),
    ("v1.1.1", "type=raw,my ; type=raw,custom ; type=raw,tags", "", "my custom tags"),
    (
        "push_dev",
        "type=ref,priority=90,event=branch ; type=raw,my ; type=raw,custom ; type=raw,tags",
        "latest=true",
        "my custom tags dev latest",
    ),
    (
        "push_dev",
        r"type=match,pattern=\d{8} ; type=raw,my ; type=raw,custom ; type=raw,tags",
        "latest=false",
        "my custom tags",
    ),
    (
        "push_dev",
        (
            r"type=match,pattern=\d{8} ; type=raw,my,prefix=foo-,suffix=-bar ; type=raw,custom ; "
            "type=raw,tags"
        ),
        "latest=false ; prefix=glo- ; suffix=-bal",
        "foo-my-bar glo-custom-bal glo-tags-bal",
    ),
    (
        "push_dev",
        "type=raw,foo ; type=raw,bar,enable=false ; type=raw,baz,enable=true",
        "latest=false",
        "foo baz",
    ),
    ("main", "type=sha,prefix={{branch}}-", "", "main-0f1e2d3"),
    ("main", "type=raw,value=latest,enable={{is_default_branch}}", "", "latest"),
    (
        "feature",
        "type=raw,value=latest,enable={{is_default_branch}} ; type=ref,event=branch",
        "",
        "feature-login",
    ),
    (
        "created",
        ("type=raw,value=x,enable={{is_default_branch}} ; type=raw,value=y,enable={{is_not_default_branch}}"),
        "",
        "x",
    ),
    (
        "issue",
        (
            "type=ref,event=branch ; type=raw,value=x-{{branch}} ; type=raw,value=y-{{{branch}}} ; "
            "type=raw,value=z-{{& branch}}"
        ),
        "",
        "fix-12-more-x- x-fix-12-more-x- y-fix-12-more-x- z-fix-12-more-x-",
    ),
    (
        "release",
        (
            "type=semver,pattern={{version}} ; type=semver,pattern={{major}}.{{minor}} ; "
            "type=semver,pattern=v{{major}} ; type=sha"
        ),
        "latest=auto ; suffix=-alpine,onlatest=true",
        "10.20.30-alpine 10.20-alpine v10-alpine sha-0f1e2d3-alpine latest-alpine",
    ),
    (
        "release",
        "type=semver,pattern={{raw}} ; type=pep440,pattern={{raw}} ; type=ref,event=tag",
        "",
        "v10.20.30 latest",
    ),
    (
        "release",
        ("type=semver,pattern=release-{{minor}}-{{patch}} ; type=semver,pattern={{patch}},prefix=p,suffix=s"),
        "",
        "release-20-30 p30s latest",
    ),
    (
        "rc",
        (
            "type=semver,pattern={{version}} ; type=semver,pattern={{major}} ; "
            "type=semver,pattern={{raw}} ; type=semver,pattern={{raw}}-x ; type=sha"
        ),
        "latest=auto",
        "1.5.0-rc.1 v1.5.0-rc.1 sha-0f1e2d3",
    ),
    (
        "rc",
        ("type=semver,pattern={{ raw }} ; type=semver,pattern={{{raw}}} ; type=semver,pattern={{~raw~}}"),
        "",
        "v1.5.0-rc.1",
    ),
    ("rc", "type=semver,pattern={{major}}", "latest=true", "1.5.0-rc.1 latest"),
    ("rc", "type=pep440,pattern={{version}} ; type=pep440,pattern={{raw}}", "", "1.5.0rc1 v1.5.0-rc.1"),
    ("rc", "type=ref,event=tag ; type=raw,value=stable,enable=false", "latest=false", "v1.5.0-rc.1"),
    (
        "built",
        (
            "type=semver,pattern={{raw}} ; type=semver,pattern={{version}} ; "
            "type=semver,pattern={{version}}_{{build}}"
        ),
        "",
        "1.4.2-linux.7 1.4.2 1.4.2_linux-7 latest",
    ),
    (
        "local",
        (
            "type=pep440,pattern={{version}} ; type=pep440,pattern={{raw}} ; "
            "type=pep440,pattern={{major}}.{{minor}}.{{patch}} ; type=semver,pattern={{version}}"
        ),
        "",
        "1.0-ubuntu-1 1.0-ubuntu.1 1.0.0 latest",
    ),
    (
        "package",
        ("type=semver,pattern={{version}} ; type=ref,event=tag ; type=raw,value={{base_ref}}-{{tag}}"),
        "",
        "tools-v2.1.0 main-tools-v2.1.0 latest",
    ),
    (
        "package",
        (
            "type=semver,pattern={{version}},match=tools/v(.*) ; "
            "type=semver,pattern={{major}},match=v([0-9.]+)$ ; "
            "type=pep440,pattern={{major}}.{{minor}},match=(nothing)"
        ),
        "",
        "2.1.0 2 latest",
    ),
    (
        "package",
        (
            "type=match,pattern=v(.*),group=1 ; type=match,pattern=/TOOLS/i ; "
            r"type=match,pattern=/\d/g,group=1 ; type=match,pattern=/\d/g,group=3"
        ),
        "",
        "2.1.0 tools 1 latest",
    ),
    (
        "post",
        (
            "type=pep440,pattern={{version}} ; type=pep440,pattern={{major}}.{{minor}} ; "
            "type=semver,pattern={{version}}"
        ),
        "",
        "1.2.post1",
    ),
    (
        "epoch",
        (
            "type=pep440,pattern={{version}} ; type=pep440,pattern={{major}} ; "
            "type=pep440,pattern={{major}}.{{minor}}"
        ),
        "",
        "1-2.3 2 2.3 latest",
    ),
    (
        "short_version",
        (
            "type=pep440,pattern={{version}} ; type=pep440,pattern={{major}}.{{minor}}.{{patch}} ; "
            "type=semver,pattern={{version}}"
        ),
        "",
        "2 2.0.0 latest",
    ),
    (
        "four",
        (
            "type=pep440,pattern={{version}} ; type=pep440,pattern={{major}}.{{minor}}.{{patch}} ; "
            "type=semver,pattern={{version}}"
        ),
        "",
        "1.2.3.4 1.2.3 latest",
    ),
    (
        "odd",
        ("type=semver,pattern={{version}} ; type=pep440,pattern={{version}} ; type=pep440,pattern={{raw}}"),
        "",
        "1.2.3 V1.2.3 latest",
    ),
    ("alpha", "type=pep440,pattern={{major}}", "latest=auto", "1.0a0"),
    ("dev_of", "type=ref,event=tag ; type=pep440,pattern={{version}}", "", "1.0.dev3"),
    (
        "nightly",
        (
            "type=schedule,pattern=nightly-{{date 'dddd'}} ; "
            "type=schedule,pattern={{commit_date 'YYYYMMDD'}},prefix= ; type=edge"
        ),
        "prefix=n-",
        "n-nightly-Friday 20190506 n-edge",
    ),
    ("nightly", "type=raw,value=x,enable={{is_default_branch}} ; type=schedule,priority=1", "", "x nightly"),
    (
        "from_fork",
        (
            "type=ref,event=pr ; type=ref,event=pr,prefix=pull- ; type=raw,value=to-{{base_ref}} ; "
            "type=ref,event=branch"
        ),
        "",
        "pr-7 pull-7 to-develop",
    ),
    (
        "from_fork",
        "type=raw,value=x{{branch}}{{tag}}y ; type=sha,format=long",
        "",
        "xy sha-0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c",
    ),
    ("jenkins", "", "", "main"),
    ("jenkins", "type=schedule ; type=edge,branch=main ; type=edge,branch=other", "", "edge"),
    (
        "main",
        'plain ; # a comment ;  ; "quoted" ; """value=twice,quoted"""',
        "",
        "plain quoted twice-quoted",
    ),
    (
        "main",
        '"type=raw,value=all,prefix=x-" ; type = raw , value = spaced  ; TYPE=raw,VALUE=Upper',
        "",
        "x-all spaced Upper",
    ),
    ("main", "type=raw,value=a=b=c ; type=raw,=d", "", "a-b-c d-5cfca560"),
    (
        "main",
        (
            "type=raw,value=one,priority=1 ; type=raw,value=two,priority=1e3 ; "
            "type=raw,value=three,priority= ; type=raw,value=four,priority=-5.5 ; type=raw,value=five"
        ),
        "",
        "two five one three four",
    ),
    (
        "main",
        (
            "type=raw,value={{date 'YYYY-MM-DD[T]HHmmss'}} ; type=raw,value={{commit_date 'X'}} ; "
            "type=raw,value={{date 'HHmmz' tz='america/new_york'}} ; type=raw,value={{date ''}}"
        ),
        "",
        "2020-01-10T003000 1557126489 1930EST 2020-01-10T00-30-00Z",
    ),
    (
        "main",
        (
            r"type=raw,value=\{{branch}} ; type=raw,value=a{{! nothing }}b ; "
            "type=raw,value=c {{~branch~}} d"
        ),
        "",
        "branch-feb7cac9 ab cmaind",
    ),
    (
        "main",
        "type=raw,value=same ; type=raw,value=same ; type=raw,value=s/ame ; type=raw,value=s#ame",
        "",
        "same s-ame",
    ),
    (
        "main",
        "type=raw,value= ; type=raw,value=,prefix=only-prefix ; type=raw,value={{tag}}",
        "",
        "only-prefix",
    ),
    ("main", "type=ref,event=branch, ; type=sha,", "prefix=a- ; suffix=-z", "a-main-z sha-0f1e2d3-z"),
    (
        "main",
        "type=ref,event=branch,prefix=,suffix= ; type=sha,prefix=",
        "prefix=a-,onlatest=false ; suffix=-z,onlatest=true ; latest=true",
        "main 0f1e2d3-z latest-z",
    ),
    ("main", "type=ref,event=tag", "latest=true", ""),
    ("release", "type=sha,priority=2000 ; type=ref,event=tag", "latest=auto", "sha-0f1e2d3 v10.20.30"),
    (
        "main",
        "type=match,pattern=v(.*),group=1,value=v7 ; type=match,pattern=(x)?7,group=1,value=v7",
        "latest=auto",
        "7 latest",
    ),
    (
        "main",
        (
            "type=semver,pattern={{version}},value=v9007199254740991.0.0 ; "
            "type=semver,pattern={{version}},value=v9007199254740992.0.0 ; "
            "type=semver,pattern={{version}},value=1.2 ; type=semver,pattern={{version}},value=01.2.3 ; "
            "type=semver,pattern={{version}},value=1.2.3-01"
        ),
        "",
        "9007199254740991.0.0 latest",
    ),
    (
        "release",
        (
            "type=raw,value={{branch}} ; type=raw,value={{tag}}-{{sha}} ; "
            "type=raw,value={{{tag}}}-{{is_default_branch}}"
        ),
        "prefix={{sha}}_",
        "0f1e2d3_ 0f1e2d3_v10.20.30-0f1e2d3 0f1e2d3_v10.20.30-false",
    ),
]

AS_PEER = [
    ("20200110-RC2", "", "", "20200110-RC2 latest"),
    ("v2.0.8-beta.67", r'type=match,"pattern=\d.\d.\d-(alpha|beta).\d+"', "", "2.0.8-beta.67 latest"),
    ("v2.0.8-beta.67", r'type=match,"pattern=\d.\d"', "", "2.0 latest"),
    (
        "v2.0.8-beta.67",
        ('type=match,"pattern=v(.*)-beta.(.*)",group=1 ; type=match,"pattern=v(.*)-beta.(.*)",group=2'),
        "",
        "2.0.8 67 latest",
    ),
    ("20200110-RC2", r'type=match,"pattern=^\d+-RC\d{1,2}"', "", "20200110-RC2 latest"),
    ("20200110-RC2", r"type=match,pattern=\d{8}", "", "20200110 latest"),
    ("v2.0.8-beta.67", r'type=match,"pattern=\d.\d.\d"', "", "2.0.8 latest"),
    (
        "issue",
        (
            "type=ref,event=branch ; type=raw,value=x-{{branch}} ; type=raw,value=y-{{{branch}}} ; "
            "type=raw,value=z-{{& branch}}"
        ),
        "",
        "fix-12-more-x- x-fix-12-amp-lt-more-gt-x3D-x27-x-x27- y-fix-12-more-x- z-fix-12-more-x-",
    ),
]

ALIKE = [case for case in CASES if case[:3] not in {row[:3] for row in AS_PEER}]


def lines(text: str) -> str:
    return text.replace(" ; ", "\n")


def tags(run: str, rules: str, flavor: str, *, as_peer: bool) -> str:
    facts = RuleFacts(NOW, COMMITTED, **{"default_branch": "master", **RUNS[run]})
    rendering = render_rules(parse_rules(lines(rules)), parse_flavor(lines(flavor)), facts, as_peer=as_peer)
    names = [tag.name for tag in rendering.tags]
    assert rendering.main == (names[0] if names else "")
    assert len(rendering.notes) == len(parse_rules(lines(rules)))
    return " ".join(names)


@pytest.mark.parametrize(("run", "rules", "flavor", "expected"), CASES)
def test_tags(run: str, rules: str, flavor: str, expected: str) -> None:
    assert tags(run, rules, flavor, as_peer=False) == expected


@pytest.mark.parametrize(("run", "rules", "flavor", "expected"), [*ALIKE, *AS_PEER])
def test_tags_as_the_action_gives_them(run: str, rules: str, flavor: str, expected: str) -> None:
    assert tags(run, rules, flavor, as_peer=True) == expected


def test_only_what_differs_on_purpose_differs() -> None:
    assert {row[:3] for row in AS_PEER} <= {case[:3] for case in CASES}
    assert not set(AS_PEER) & set(CASES)
