"""An ECR on this machine: control plane, data plane and scanner over one state. A sandbox, and says so."""
