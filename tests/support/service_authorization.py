"""Which resources and condition keys IAM knows for an action of the services that the sandbox lacks.

The service authorization reference, read in November 2026, as far as our own policies go: an action that is
not here is looked up there first. https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Mapping

# The types of resources that an action knows; none: a policy can only say "*". Of ecs:ListTasks the reference
# names container instances: without one it is about a cluster, which a condition can name.
RESOURCES: Mapping[str, tuple[str, ...]] = {
    "batch:DescribeJobDefinitions": (),
    "batch:RegisterJobDefinition": ("batch:job-definition",),
    "batch:TagResource": ("batch:job-definition-revision",),
    "cloudtrail:LookupEvents": (),
    "cloudwatch:PutMetricData": (),
    "dynamodb:DeleteItem": ("dynamodb:table",),
    "dynamodb:GetItem": ("dynamodb:table",),
    "dynamodb:PutItem": ("dynamodb:table",),
    "ecs:DescribeExpressGatewayService": ("ecs:service",),
    "ecs:DescribeServices": ("ecs:service",),
    "ecs:DescribeTaskDefinition": (),
    "ecs:DescribeTasks": ("ecs:task",),
    "ecs:ListTasks": (),
    "ecs:RegisterTaskDefinition": ("ecs:task-definition",),
    "ecs:TagResource": ("ecs:task-definition",),
    "ecs:UpdateExpressGatewayService": ("ecs:service",),
    "ecs:UpdateService": ("ecs:service",),
    "events:PutEvents": ("events:event-bus",),
    "iam:CreateServiceLinkedRole": ("iam:role",),
    "iam:PassRole": ("iam:role",),
    "iam:SimulatePrincipalPolicy": ("iam:role", "iam:user"),
    "inspector2:ListCoverage": (),
    "inspector2:ListFindings": (),
    "kms:CreateGrant": ("kms:key",),
    "kms:DescribeKey": ("kms:key",),
    "kms:GetKeyPolicy": ("kms:key",),
    "kms:GetPublicKey": ("kms:key",),
    "kms:ListGrants": ("kms:key",),
    "kms:Sign": ("kms:key",),
    "lambda:GetAlias": ("lambda:function",),
    "lambda:GetFunction": ("lambda:function",),
    "lambda:PublishVersion": ("lambda:function",),
    "lambda:UpdateAlias": ("lambda:function",),
    "lambda:UpdateFunctionCode": ("lambda:function",),
    "logs:CreateLogStream": ("logs:log-stream",),
    "logs:PutLogEvents": ("logs:log-stream",),
    "s3:GetObject": ("s3:object",),
    "s3:PutObject": ("s3:object",),
    "sagemaker:AddTags": ("sagemaker:endpoint-config", "sagemaker:model"),
    "sagemaker:CreateEndpointConfig": ("sagemaker:endpoint-config",),
    "sagemaker:CreateModel": ("sagemaker:model",),
    "sagemaker:DescribeEndpoint": ("sagemaker:endpoint",),
    "sagemaker:DescribeEndpointConfig": ("sagemaker:endpoint-config",),
    "sagemaker:DescribeModel": ("sagemaker:model",),
    "sagemaker:ListTags": ("sagemaker:endpoint-config", "sagemaker:model"),
    "sagemaker:UpdateEndpoint": ("sagemaker:endpoint", "sagemaker:endpoint-config"),
    "servicequotas:ListServiceQuotas": (),
    "signer:SignPayload": ("signer:signing-profile",),
    "sqs:GetQueueUrl": ("sqs:queue",),
    "sqs:ReceiveMessage": ("sqs:queue",),
    "sts:AssumeRole": ("iam:role",),
    "sts:GetServiceBearerToken": (),
}

_HERE = "arn:${Partition}:%s:${Region}:${Account}:%s"
ARNS: Mapping[str, str] = {
    "iam:role": "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
    "iam:user": "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}",
    "s3:object": "arn:${Partition}:s3:::${BucketName}/${ObjectName}",
    **{
        f"{service}:{kind}": _HERE % (service, name)
        for service, kind, name in (
            ("batch", "job-definition", "job-definition/${JobDefinitionName}"),
            ("batch", "job-definition-revision", "job-definition/${JobDefinitionName}:${Revision}"),
            ("dynamodb", "table", "table/${TableName}"),
            ("ecs", "service", "service/${ClusterName}/${ServiceName}"),
            ("ecs", "task", "task/${ClusterName}/${TaskId}"),
            (
                "ecs",
                "task-definition",
                "task-definition/${TaskDefinitionFamilyName}:${TaskDefinitionRevisionNumber}",
            ),
            ("events", "event-bus", "event-bus/${EventBusName}"),
            ("kms", "key", "key/${KeyId}"),
            ("lambda", "function", "function:${FunctionName}"),
            ("logs", "log-stream", "log-group:${LogGroupName}:log-stream:${LogStreamName}"),
            ("sagemaker", "endpoint", "endpoint/${EndpointName}"),
            ("sagemaker", "endpoint-config", "endpoint-config/${EndpointConfigName}"),
            ("sagemaker", "model", "model/${ModelName}"),
            ("signer", "signing-profile", "/signing-profiles/${ProfileName}"),
            ("sqs", "queue", "${QueueName}"),
        )
    },
}

# The service's own condition keys that our policies use, those of the resource included.
_BY_ALIAS = ("kms:RequestAlias", "kms:ResourceAliases")
KEYS: Mapping[str, tuple[str, ...]] = {
    "cloudwatch:PutMetricData": ("cloudwatch:namespace",),
    **{f"ecs:{name}": ("ecs:cluster",) for name in ("DescribeServices", "DescribeTasks", "ListTasks")},
    **{f"ecs:{name}": ("ecs:cluster",) for name in ("DescribeExpressGatewayService", "UpdateService")},
    "ecs:UpdateExpressGatewayService": ("ecs:cluster",),
    "iam:CreateServiceLinkedRole": ("iam:AWSServiceName",),
    "iam:PassRole": ("iam:PassedToService",),
    "kms:CreateGrant": ("kms:ResourceAliases",),
    **{f"kms:{name}": _BY_ALIAS for name in ("DescribeKey", "GetPublicKey", "Sign")},
}

# Who gets the roles that a request names: each of them asks for iam:PassRole, too.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
PASSED_TO: Mapping[str, str] = {
    "batch:RegisterJobDefinition": "ecs-tasks.amazonaws.com",
    "ecs:RegisterTaskDefinition": "ecs-tasks.amazonaws.com",
    "sagemaker:CreateEndpointConfig": "sagemaker.amazonaws.com",
    "sagemaker:CreateModel": "sagemaker.amazonaws.com",
}

# What a request with tags asks for, too.
TAGGING: Mapping[str, str] = {
    "batch": "batch:TagResource",
    "ecs": "ecs:TagResource",
    "sagemaker": "sagemaker:AddTags",
}
