"""The commands, the most used first: one line here and one file beside it, named after the command.

`policy test` is the function policy_test in policy_test.py. A group has no file: its commands follow it.
"""

COMMANDS = {
    "run": "Build, push, scan, judge, and move the release tags.",
    "doctor": "Look at everything that a run needs.",
    "plan": "Show what a run would do, and do nothing.",
    "build": "Build and push one platform's part of an index.",
    "tags": "Show the version and tags of the checkout.",
    "scan": "Wait for and judge an image that is in ECR.",
    "promote": "Move tags onto an image in ECR, once it is judged.",
    "copy": "Copy images as they are, from any registry into ECR.",
    "mirror": "Keep copies of images as a file lists them.",
    "verify": "Check an image before it is deployed.",
    "render": "Write an image into the files that deploy it.",
    "rollback": "Move a floating tag back to its previous image.",
    "policy": "Show a policy, or try it on recent images.",
    "policy test": "Judge recent images by a new policy, before it goes live.",
    "policy show": "Show the policy that applies, and where each key comes from.",
    "repository": "Keep repositories as a file says.",
    "repository show": "Show repositories as they are, also as the file.",
    "repository plan": "Show where repositories differ from the file.",
    "repository apply": "Create and change repositories as the file says.",
    "repository export": "Print repositories for Terraform or CloudFormation.",
    "repository may": "Say whether a principal may pull, push or delete, and why.",
    "lifecycle": "Try a repository's lifecycle policy.",
    "lifecycle test": "Show what a lifecycle policy would delete, and its traps.",
    "prune": "Delete candidates and untagged images that nothing needs.",
    "gate": "Judge a saved scan result, offline.",
    "login": "Log docker in to the registry.",
    "sandbox": "Run an ECR on this machine.",
    "schema": "Print the JSON Schema of ecr-push.yml.",
}
