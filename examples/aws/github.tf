# What a GitHub repository needs in AWS to release an image with ecr-push: GitHub's identity provider, a repository in ECR,
# and a role for its jobs, with the least permissions of `ecr-push run`.
#
#   terraform apply -var github_repository=acme/app -var repository=team/app
#
# With -var service=app -var cluster=prod it has a second role, for jobs of the environment production, which deploy. They may
# give the service's tasks every role that ECS may assume: -var task_roles=app-* leaves those of that name.
# With --create-repository, --cache ecr, --sign or --lock the role needs more: `ecr-push iam policy` prints it.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.8" # image_tag_mutability_exclusion_filter
    }
  }
}

variable "github_repository" {
  type        = string
  description = "The repository on GitHub, OWNER/NAME."
}

variable "repository" {
  type        = string
  description = "The repository in ECR to create."
}

variable "branch" {
  type        = string
  default     = "main"
  description = "The branch whose jobs may push."
}

variable "tags" {
  type        = string
  default     = "v*"
  description = "The git tags whose jobs may push."
}

variable "service" {
  type        = string
  default     = ""
  description = "The service of Amazon ECS that jobs may deploy to; empty for none."
}

variable "cluster" {
  type        = string
  default     = "default"
  description = "The cluster of the service."
}

variable "task_roles" {
  type        = string
  default     = "*"
  description = "The name, or a pattern, of the roles that the tasks of the service have."
}

variable "environment" {
  type        = string
  default     = "production"
  description = "The environment on GitHub whose jobs may deploy."
}

variable "create_provider" {
  type        = bool
  default     = true
  description = "Whether the account has no identity provider of GitHub yet. There is one for all repositories."
}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

# https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_ecr_repository" "images" {
  name = var.repository

  # A commit's tag never moves: https://github.com/ecr-push/ecr-push/blob/main/docs/tags.md#mutability-of-the-repository
  image_tag_mutability = "MUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter_type = "WILDCARD"
    filter      = "sha-*"
  }

  image_tag_mutability_exclusion_filter {
    filter_type = "WILDCARD"
    filter      = "claim-*"
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

# Candidates that were not released, and images without a tag. Everything else stays: try a rule for it with
# `ecr-push lifecycle test` before you add it.
resource "aws_ecr_lifecycle_policy" "images" {
  repository = aws_ecr_repository.images.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["candidate-*"]
          countType      = "sinceImagePushed"
          countNumber    = 3
          countUnit      = "days"
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countNumber = 1
          countUnit   = "days"
        }
        action = { type = "expire" }
      },
    ]
  })
}

data "aws_iam_policy_document" "ecr_push_github" {
  statement {
    sid     = "GithubActions"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/token.actions.githubusercontent.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [
        "repo:${var.github_repository}:ref:refs/heads/${var.branch}",
        "repo:${var.github_repository}:ref:refs/tags/${var.tags}",
      ]
    }
  }
}

resource "aws_iam_role" "github" {
  name_prefix        = "ecr-push-"
  description        = "Jobs of ${var.github_repository} release images to ${var.repository}."
  assume_role_policy = data.aws_iam_policy_document.ecr_push_github.json
}

data "aws_iam_policy_document" "ecr_push_run" {
  statement {
    sid     = "Login"
    actions = ["ecr:GetAuthorizationToken"]

    resources = ["*"]
  }

  statement {
    sid     = "Look"
    actions = [
      "ecr:BatchGetImage",
      "ecr:BatchGetRepositoryScanningConfiguration",
      "ecr:DescribeRepositories",
      "ecr:GetDownloadUrlForLayer",
      "ecr:ListImages",
    ]

    resources = [aws_ecr_repository.images.arn]
  }

  statement {
    sid     = "ScanSettings"
    actions = ["ecr:GetRegistryScanningConfiguration"]

    resources = ["*"]
  }

  statement {
    sid     = "Push"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:CompleteLayerUpload",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]

    resources = [aws_ecr_repository.images.arn]
  }

  statement {
    sid     = "Scan"
    actions = [
      "ecr:DescribeImageScanFindings",
      "ecr:DescribeImages",
      "ecr:StartImageScan",
    ]

    resources = [aws_ecr_repository.images.arn]
  }

  statement {
    sid     = "ScanByInspector"
    actions = [
      "inspector2:ListCoverage",
      "inspector2:ListFindings",
    ]

    resources = ["*"]
  }

  statement {
    sid     = "Promote"
    actions = [
      "ecr:BatchDeleteImage",
      "ecr:BatchGetImage",
      "ecr:DescribeImages",
      "ecr:PutImage",
    ]

    resources = [aws_ecr_repository.images.arn]
  }

  statement {
    sid     = "Lifecycle"
    actions = ["ecr:GetLifecyclePolicy"]

    resources = [aws_ecr_repository.images.arn]
  }
}

resource "aws_iam_role_policy" "run" {
  name   = "ecr-push-run"
  role   = aws_iam_role.github.id
  policy = data.aws_iam_policy_document.ecr_push_run.json
}

# For the job that deploys, with `command: deploy ecs`: what builds cannot deploy, and what deploys cannot push.
data "aws_iam_policy_document" "ecr_push_github_deploy" {
  statement {
    sid     = "GithubActions"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/token.actions.githubusercontent.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${var.github_repository}:environment:${var.environment}"]
    }
  }
}

resource "aws_iam_role" "deploy" {
  count = var.service == "" ? 0 : 1

  name_prefix        = "ecr-push-deploy-"
  description        = "Jobs of ${var.github_repository} in the environment ${var.environment} deploy to ${var.service}."
  assume_role_policy = data.aws_iam_policy_document.ecr_push_github_deploy.json
}

data "aws_iam_policy_document" "ecr_push_deploy_ecs" {
  statement {
    sid     = "Login"
    actions = ["ecr:GetAuthorizationToken"]

    resources = ["*"]
  }

  statement {
    sid     = "Look"
    actions = [
      "ecr:BatchGetImage",
      "ecr:DescribeRepositories",
      "ecr:GetDownloadUrlForLayer",
    ]

    resources = [aws_ecr_repository.images.arn]
  }

  statement {
    sid     = "Definition"
    actions = ["ecs:DescribeTaskDefinition"]

    resources = ["*"]
  }

  statement {
    sid     = "Definition2"
    actions = [
      "ecs:RegisterTaskDefinition",
      "ecs:TagResource",
    ]

    resources = ["arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:task-definition/*:*"]
  }

  statement {
    sid     = "PassRoles"
    actions = ["iam:PassRole"]

    resources = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/${var.task_roles}"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid     = "Service"
    actions = [
      "ecs:DescribeServices",
      "ecs:UpdateService",
    ]

    resources = ["arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:service/${var.cluster}/${var.service}"]
  }

  statement {
    sid     = "ExpressService"
    actions = [
      "ecs:DescribeExpressGatewayService",
      "ecs:UpdateExpressGatewayService",
    ]

    resources = ["arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:service/${var.cluster}/${var.service}"]
  }

  statement {
    sid     = "StoppedTasks"
    actions = ["ecs:DescribeTasks"]

    resources = ["arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:task/${var.cluster}/*"]
  }

  statement {
    sid     = "StoppedTasks2"
    actions = ["ecs:ListTasks"]

    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:cluster/${var.cluster}"]
    }
  }
}

resource "aws_iam_role_policy" "deploy" {
  count = var.service == "" ? 0 : 1

  name   = "ecr-push-deploy-ecs"
  role   = aws_iam_role.deploy[0].id
  policy = data.aws_iam_policy_document.ecr_push_deploy_ecs.json
}

output "role_to_assume" {
  description = "The action's input role-to-assume."
  value       = aws_iam_role.github.arn
}

output "deploy_role_to_assume" {
  description = "The same input of the step that deploys."
  value       = one(aws_iam_role.deploy[*].arn)
}

output "repository" {
  description = "The action's input repository, which settles the region too."
  value       = aws_ecr_repository.images.repository_url
}
