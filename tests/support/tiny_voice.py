"""A Piper voice of a kilobyte: each phoneme is a tone of its own. Nobody understands it; Piper itself speaks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper, save
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

RATE = 16_000
SAMPLES_A_PHONEME = 520
LOWEST_HZ, STEP_HZ = 300.0, 12.0


def build_voice(path: Path, language: str = "sv_SE", speakers: Mapping[str, int] | None = None) -> Path:
    """Writes the model and its JSON; returns the model's path."""
    save(_model(has_speakers=bool(speakers)), str(path))
    Path(f"{path}.json").write_text(json.dumps(_description(language, speakers or {})), "utf-8")
    return path


def _description(language: str, speakers: Mapping[str, int]) -> dict[str, object]:
    return {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": language.partition("_")[0]},
        "language": {"code": language},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "num_symbols": 256,
        "num_speakers": max(1, len(speakers)),
        "speaker_id_map": dict(speakers),
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
    }


def _constant(name: str, value: NDArray[np.generic]) -> TensorProto:
    return numpy_helper.from_array(value, name)


def _model(*, has_speakers: bool) -> ModelProto:
    """sin(2π (lowest + step × phoneme) t), with so many samples for each phoneme as the scale says."""
    node = helper.make_node
    floats = {"a_phoneme": SAMPLES_A_PHONEME, "lowest": LOWEST_HZ, "step": STEP_HZ, "turn": 2 * np.pi / RATE}
    nodes = [
        node("Gather", ["scales", "one"], ["scale"], axis=0),
        node("Mul", ["scale", "a_phoneme"], ["each"]),
        node("Cast", ["input_lengths"], ["count_list"], to=TensorProto.FLOAT),
        node("Squeeze", ["count_list"], ["count"]),
        node("Mul", ["count", "each"], ["total"]),
        node("Range", ["zero", "total", "unit"], ["time"]),
        node("Div", ["time", "each"], ["place"]),
        node("Floor", ["place"], ["whole"]),
        node("Cast", ["whole"], ["index_raw"], to=TensorProto.INT64),
        node("Sub", ["input_lengths", "one_list"], ["last"]),
        node("Min", ["index_raw", "last"], ["index"]),
        node("Squeeze", ["input", "axis"], ["phonemes"]),
        node("Gather", ["phonemes", "index"], ["each_phoneme"], axis=0),
        node("Cast", ["each_phoneme"], ["number"], to=TensorProto.FLOAT),
        node("Mul", ["number", "step"], ["above"]),
        node("Add", ["above", "lowest"], ["tone"]),
        *([node("Cast", ["sid"], ["who"], to=TensorProto.FLOAT), node("Add", ["who", "unit"], ["factor"])]
          if has_speakers else [node("Identity", ["unit"], ["factor"])]),
        node("Mul", ["tone", "factor"], ["hertz"]),
        node("Mul", ["hertz", "time"], ["cycles"]),
        node("Mul", ["cycles", "turn"], ["angle"]),
        node("Sin", ["angle"], ["wave"]),
        node("Unsqueeze", ["wave", "front"], ["output"]),
    ]  # fmt: skip
    constants = [_constant(name, np.array(value, np.float32)) for name, value in floats.items()]
    constants += [_constant(name, np.array(value, np.float32)) for name, value in {"zero": 0, "unit": 1}.items()]
    constants += [_constant("one", np.array(1, np.int64)), _constant("axis", np.array([0], np.int64))]
    constants += [_constant("one_list", np.array([1], np.int64)), _constant("front", np.array([0, 1], np.int64))]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "count"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    if has_speakers:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, [1]))
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "samples"])
    graph = helper.make_graph(nodes, "tiny", inputs, [output], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model
