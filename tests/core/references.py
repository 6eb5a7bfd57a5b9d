"""What others have computed: vectors recorded from PyTorch, and the cases of the `onnx` package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.backend.test.case.node as onnx_nodes

VECTORS = Path(__file__).parent / "vectors"

Arrays = dict[str, np.ndarray]


def index_of(name: str) -> dict[str, Any]:
    """What was recorded under a name: its cases, each with its kind and options."""
    index: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return index


def arrays_of(name: str) -> dict[str, dict[str, Arrays]]:
    """The arrays by case and group: weights, inputs, expected."""
    cases: dict[str, dict[str, Arrays]] = {
        case["name"]: {"weights": {}, "inputs": {}, "expected": {}} for case in index_of(name)["cases"]
    }
    with np.load(VECTORS / f"{name}.npz", allow_pickle=False) as file:
        for key, array in file.items():
            case, group, array_name = key.rsplit("/", 2)
            cases[case][group][array_name] = array
    return cases


def onnx_cases(operator: str) -> list[Any]:
    """The cases of one operator alone, of those that are registered: who imports its module registers them."""
    nodes = ((case, [node.op_type for node in case.model.graph.node]) for case in onnx_nodes._NodeTestCases)
    return [case for case, kinds in nodes if kinds == [operator] and not case.name.endswith("_expanded")]


def attributes_of(case: Any) -> dict[str, Any]:
    """The options of a case's operator."""
    (node,) = case.model.graph.node
    return node_attributes(node)


def node_attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The options of an operator."""
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
