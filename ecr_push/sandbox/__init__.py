"""An ECR on this machine: control plane, data plane and scanner over one state.

Reports mark its results as those of a sandbox.
"""
