"""all-MiniLM-L6-v2 under onnxruntime, one thread: an arm of the experiment encoder-speed.

usage: onnx_encoder.py --model MODEL [--fused]

It speaks JSON lines over its standard streams. MODEL is the folder that Scripts/weights makes. The
graph is built here from the weights: by the standard's operators, as an export has them, or with
--fused by onnxruntime's own operators for whole attentions, sums with norms and biases with GELU,
as its optimiser for transformers makes them. Tokens are handed over ready, which spares the peer a
tokenizer. Needs numpy, onnx and onnxruntime.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from reference_encoder import HEADS, LAYERS, WIDTH, tensors

# The token "test", between the two that frame a text.
BEGINNING, WORD, END = 101, 3231, 102
FUSED = "com.microsoft"
EPSILON = 1e-12


class Graph:
    """An ONNX graph that grows node by node; a name stands for what a node gives."""

    def __init__(self, weights, fused):
        self.weights = weights
        self.fused = fused
        self.nodes = []
        self.constants = {}

    def constant(self, name, values):
        if name not in self.constants:
            dense = np.ascontiguousarray(values)
            self.constants[name] = numpy_helper.from_array(dense, name)
        return name

    def floats(self, name, values):
        return self.constant(name, np.asarray(values, np.float32))

    def node(self, operator, inputs, domain="", **attributes):
        out = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [out], domain=domain, **attributes))
        return out

    def weight(self, name):
        return self.floats(f"{name}.T", self.weights[f"{name}.weight"].T)

    def bias(self, name):
        return self.floats(f"{name}.bias", self.weights[f"{name}.bias"])

    def norm_inputs(self, name):
        return [self.floats(f"{name}.weight", self.weights[f"{name}.weight"]), self.bias(name)]

    def linear(self, x, name):
        return self.node("Add", [self.node("MatMul", [x, self.weight(name)]), self.bias(name)])

    def norm(self, x, name):
        inputs = [x, *self.norm_inputs(name)]
        return self.node("LayerNormalization", inputs, axis=-1, epsilon=EPSILON)

    def skip_norm(self, x, residual, linear, norm):
        """The norm of x through a layer, plus the residual."""
        if not self.fused:
            return self.norm(self.node("Add", [self.linear(x, linear), residual]), norm)
        product = self.node("MatMul", [x, self.weight(linear)])
        inputs = [product, residual, *self.norm_inputs(norm), self.bias(linear)]
        return self.node("SkipLayerNormalization", inputs, FUSED, epsilon=EPSILON)

    def attention(self, x, name):
        parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
        if self.fused:
            joined = np.concatenate([self.weights[f"{p}.weight"] for p in parts]).T
            biases = np.concatenate([self.weights[f"{p}.bias"] for p in parts])
            inputs = [x, self.floats(f"{name}.T", joined), self.floats(f"{name}.bias", biases)]
            return self.node("Attention", inputs, FUSED, num_heads=HEADS)
        split = self.constant("split", np.array([0, 0, HEADS, WIDTH // HEADS], np.int64))
        join = self.constant("join", np.array([0, 0, WIDTH], np.int64))
        query, key, value = (
            self.node(
                "Transpose",
                [self.node("Reshape", [self.linear(x, part), split])],
                perm=[0, 2, 3, 1] if part.endswith("key") else [0, 2, 1, 3],
            )
            for part in parts
        )
        scale = self.floats("scale", (WIDTH // HEADS) ** -0.5)
        scores = self.node("Mul", [self.node("MatMul", [query, key]), scale])
        mixed = self.node("MatMul", [self.node("Softmax", [scores], axis=-1), value])
        return self.node("Reshape", [self.node("Transpose", [mixed], perm=[0, 2, 1, 3]), join])

    def intermediate(self, x, name):
        if not self.fused:
            return self.node("Gelu", [self.linear(x, name)])
        return self.node(
            "BiasGelu", [self.node("MatMul", [x, self.weight(name)]), self.bias(name)], FUSED
        )

    def embeddings(self):
        place = "embeddings"
        words, positions, types = (
            self.weights[f"{place}.{kind}_embeddings.weight"]
            for kind in ("word", "position", "token_type")
        )
        # One kind of sentence: its vector is added to all positions beforehand.
        table = self.floats("positions", positions + types[0])
        shape = self.node("Shape", ["tokens"], start=1, end=2)
        zero = self.constant("zero", np.array([0], np.int64))
        used = self.node("Slice", [table, zero, shape, zero])
        x = self.node("Gather", [self.floats("words", words), "tokens"])
        return self.norm(self.node("Add", [x, used]), f"{place}.LayerNorm")

    def build(self):
        x = self.embeddings()
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            mixed = self.attention(x, f"{name}.attention")
            output = f"{name}.attention.output"
            x = self.skip_norm(mixed, x, f"{output}.dense", f"{output}.LayerNorm")
            hidden = self.intermediate(x, f"{name}.intermediate.dense")
            x = self.skip_norm(hidden, x, f"{name}.output.dense", f"{name}.output.LayerNorm")
        axis = self.constant("axis", np.array([1], np.int64))
        mean = self.node("ReduceMean", [x, axis], keepdims=0)
        length = self.node("ReduceL2", [mean, axis], keepdims=1)
        self.nodes.append(helper.make_node("Div", [mean, length], ["vector"]))
        graph = helper.make_graph(
            self.nodes,
            "minilm",
            [helper.make_tensor_value_info("tokens", TensorProto.INT64, ["texts", "length"])],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["texts", WIDTH])],
            list(self.constants.values()),
        )
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def session(weights, fused):
    """A session on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    model = Graph(weights, fused).build().SerializeToString()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def answer(request, run):
    """Encodes the texts of a trial one by one, after one that is not timed."""
    length = request["settings"]["tokens"]
    texts = max(1, request["settings"]["work"] // length)
    tokens = np.array([[BEGINNING, *[WORD] * (length - 2), END]], np.int64)
    (vectors,) = run(None, {"tokens": tokens})
    start = time.process_time()
    for _ in range(texts):
        (vectors,) = run(None, {"tokens": tokens})
    seconds = (time.process_time() - start) / texts
    metrics = {"text_cpu": seconds, "first_number": round(float(vectors[0, 0]) * 1000)}
    return {"trial": request["trial"], "work": texts, "metrics": metrics}


def main():
    """Answers requests until there are no more."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", type=Path, required=True)
    arguments.add_argument("--fused", action="store_true")
    options = arguments.parse_args()
    run = session(tensors(options.model / "model.safetensors"), options.fused).run
    sys.stdin.readline()
    name = "onnxruntime, fused" if options.fused else "onnxruntime"
    version = onnxruntime.__version__
    greeting = {"fleetlab": 1, "name": name, "version": version, "capabilities": []}
    print(json.dumps(greeting), flush=True)
    for line in sys.stdin:
        request = json.loads(line).get("run")
        if request is None:
            break
        print(json.dumps(answer(request, run)), flush=True)


if __name__ == "__main__":
    main()
