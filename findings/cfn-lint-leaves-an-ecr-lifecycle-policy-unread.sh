#!/bin/sh
# Package: cfn-lint 1.58.0 (PyPI).
# Expected: as cfn-lint reads the policies in a template (it names an unknown IAM action within one), it reads the
#           lifecycle policy of an AWS::ECR::Repository too, and refuses what ECR's documentation rules out:
#           an action other than expire and transition, two rules of one priority, a filter of tag mutability with
#           more than two wildcards, exclusion filters beside plain IMMUTABLE.
# Seen:     all four pass without a word; the misspelt IAM action in the same template is found.
# Effect:   a green lint says nothing about the lifecycle policy: the stack fails when it is deployed.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cfn-lint==1.58.0
cat > "$work/template.yaml" <<'YAML'
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Floating:
    Type: AWS::ECR::Repository
    Properties:
      ImageTagMutability: MUTABLE_WITH_EXCLUSION
      ImageTagMutabilityExclusionFilters:
        - {ImageTagMutabilityExclusionFilterType: WILDCARD, ImageTagMutabilityExclusionFilterValue: "a*b*c*"}
      LifecyclePolicy:
        LifecyclePolicyText: |
          {"rules": [
            {"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5},
             "action": {"type": "remove"}},
            {"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9},
             "action": {"type": "expire"}}]}
      RepositoryPolicyText:
        Statement: [{Effect: Allow, Principal: "*", Action: ["ecr:BatchGetImages"]}]
  Frozen:
    Type: AWS::ECR::Repository
    Properties:
      ImageTagMutability: IMMUTABLE
      ImageTagMutabilityExclusionFilters:
        - {ImageTagMutabilityExclusionFilterType: WILDCARD, ImageTagMutabilityExclusionFilterValue: "latest"}
YAML
"$work/venv/bin/cfn-lint" --format parseable "$work/template.yaml" > "$work/found" || true
cut -d: -f6,7 "$work/found" | cut -c1-60
[ "$(wc -l < "$work/found")" = 1 ] && grep -q W3037 "$work/found" || { echo "the behaviour has changed"; exit 1; }
echo "as recorded"
