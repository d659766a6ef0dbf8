"""What stands in every buildspec that is written here."""

from ecr_push.delivery.moving.release import RELEASE

SOURCE = "https://github.com/ecr-push/ecr-push"
COMMIT = f"v{RELEASE}"
HELPER = "git-credential-helper: yes"
PROGRAM = '"$TOOL/bin/ecr-push"'
SUCCEEDING = 'test "$CODEBUILD_BUILD_SUCCEEDING" = 1'
CLONE = (
    "TOOL=$(mktemp -d)",
    'git clone --quiet --no-checkout -- "$SOURCE" "$TOOL/source"',
    'git -C "$TOOL/source" checkout --quiet --detach "$COMMIT" --',
    'sh "$TOOL/source/codebuild/install.sh" "$TOOL"',
)
