"""An ECR on this machine: control plane, data plane and scanner over one state.

May import base; cli alone imports it. Reports mark its results as those of a sandbox.
"""
