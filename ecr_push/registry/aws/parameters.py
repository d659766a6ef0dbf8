"""Whether AWS's SDK takes the parameters of a call, by its service model: asked before anything is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def problems_of(client: Any, operation: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with them, a sentence each. operation: its Python name."""
    from botocore.validate import ParamValidator

    name = client.meta.method_to_api_mapping[operation]
    report = ParamValidator().validate(
        parameters, client.meta.service_model.operation_model(name).input_shape
    )
    return tuple(report.generate_report().splitlines()) if report.has_errors() else ()
