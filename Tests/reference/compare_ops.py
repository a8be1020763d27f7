"""Compares values, types, shapes and gradients of every op of jetlua's table with PyTorch and writes a Markdown table.

The list of ops comes from jetlua itself: one without a comparison here is a failure. The reference is PyTorch in float64 at the
same numbers (rounded to float32 where jetlua computes in that); an error is the largest difference divided by the largest
magnitude of the result.
"""
import argparse
import json
import math
import struct
import subprocess
import sys
import tempfile
import warnings
import zlib
from pathlib import Path

import numpy
import torch

from op_cases import CASES, LISTS, Array

TOLERANCE = {"float64": 1e-10, "float32": 1e-5}
TYPES = {"float64": torch.float64, "float32": torch.float32, "int64": torch.int64, "bool": torch.bool}


def packed(values, whole):
    return struct.pack(f"<{len(values)}{'q' if whole else 'd'}", *values).hex()


def described(array, shape, dtype, grad=False, steps=()):
    flat = array.reshape(-1).tolist()
    return {"kind": "tensor", "dtype": dtype, "shape": list(shape), "data": packed([int(v) for v in flat] if dtype == "int64" else flat, dtype == "int64"), "grad": grad,
            "steps": [list(s) for s in steps]}


class Drawn:
    """An array argument drawn for one type: what jetlua builds and the same leaf and view in PyTorch."""

    def __init__(self, array, random, dtype):
        shape, steps = list(array.shape), []
        view = lambda x: x
        if array.layout == "transposed":
            shape[-1], shape[-2] = shape[-2], shape[-1]
            steps, view = [["transpose", -1, -2]], lambda x: x.transpose(-1, -2)
        elif array.layout == "strided":
            shape[-1] *= 2
            steps, view = [["slice", -1, 1, -1, 2]], lambda x: x[..., ::2]
        elif array.layout == "expanded":
            shape[0] = 1
            steps, view = [["expand", list(array.shape)]], lambda x: x.expand(array.shape)
        elif array.layout == "narrowed":
            shape[-1] += 3
            steps, view = [["narrow", -1, 3, array.shape[-1]]], lambda x: x.narrow(-1, 2, array.shape[-1])
        self.kind = dtype if array.kind == "float" else array.kind
        if array.values is not None:
            values = numpy.array(array.values, dtype=numpy.float64)
        elif array.kind == "float":
            values = random.uniform(array.low, array.high, shape)
        else:
            values = random.integers(array.low, array.high + 1, shape).astype(numpy.float64)
        values = numpy.asarray(values, dtype=numpy.float64).reshape(shape)
        if dtype == "float32" and array.kind == "float":
            values = values.astype(numpy.float32).astype(numpy.float64)
        self.leaf = torch.tensor(values, dtype=torch.float64 if array.kind == "float" else TYPES[array.kind])
        if array.grad:
            self.leaf.requires_grad_(True)
        self.seen = view(self.leaf)
        self.message = described(values, shape, self.kind, array.grad, steps)


def prepare(name, number, case, dtype, placement):
    random = numpy.random.default_rng([zlib.crc32(name.encode()), number])
    leaves, messages, given = [], [], []

    def one(argument):
        if isinstance(argument, Array):
            drawn = Drawn(argument, random, dtype)
            leaves.append(drawn.leaf)
            return drawn.message, drawn.seen
        if isinstance(argument, list) and argument and isinstance(argument[0], Array):
            pairs = [one(a) for a in argument]
            return {"kind": "list", "items": [p[0] for p in pairs]}, [p[1] for p in pairs]
        if isinstance(argument, list):
            return {"kind": "sizes", "value": argument}, argument
        if argument is None:
            return {"kind": "nothing"}, None
        if argument == "inf":
            return {"kind": "value", "value": "inf"}, math.inf
        return {"kind": "value", "value": argument}, argument

    for argument in case.arguments:
        message, value = one(argument)
        messages.append(message)
        given.append(value)
    results = case.reference(*given)
    results = list(results) if isinstance(results, (tuple, list)) else [results]
    seeds, total = [], None
    for result in results:
        if result.is_floating_point():
            seed = random.uniform(-1, 1, list(result.shape)).astype(numpy.float32).astype(numpy.float64)
            seeds.append(described(numpy.asarray(seed), result.shape, dtype))
            part = (result * torch.tensor(seed)).sum() if result.requires_grad else None
            total = part if total is None else total + part if part is not None else total
        else:
            seeds.append(None)
    if total is not None:
        total.backward()
    message = {"op": name, "placement": placement, "arguments": messages, "seeds": [s or False for s in seeds], "list": name in LISTS}
    return message, [r.detach() for r in results], [leaf.grad for leaf in leaves]


def numbers(described):
    whole = described["dtype"] == "int64"
    data = bytes.fromhex(described["data"])
    return numpy.array(struct.unpack(f"<{len(data) // 8}{'q' if whole else 'd'}", data), dtype=numpy.float64)


def error(got, expected):
    """The largest difference relative to the largest magnitude, infinite where infinities or NaN disagree."""
    expected = expected.to(torch.float64).reshape(-1).numpy()
    if len(got) != len(expected):
        return math.inf
    finite = numpy.isfinite(expected)
    same = numpy.isnan(got[~finite]) == numpy.isnan(expected[~finite])
    known = ~numpy.isnan(expected[~finite])
    if not same.all() or (got[~finite][known] != expected[~finite][known]).any() or not numpy.isfinite(got[finite]).all():
        return math.inf
    if not finite.any():
        return 0.0
    scale = numpy.abs(expected[finite]).max()
    return float(numpy.abs(got[finite] - expected[finite]).max() / (scale if scale > 0 else 1.0))


def shown(case):
    def text(a):
        if isinstance(a, Array):
            kind = {"float": "", "int64": " int64", "bool": " bool"}[a.kind]
            return f"{a.shape}{kind}{' ' + a.layout if a.layout else ''}"
        if isinstance(a, list):
            return "{" + ", ".join(text(x) for x in a) + "}"
        return {None: "nil", True: "true", False: "false"}.get(a, str(a)) if not isinstance(a, (int, float)) or isinstance(a, bool) else str(a)
    return ", ".join(text(a) for a in case.arguments)


def compare(jetlua, replay, only=None):
    ops = json.loads(subprocess.run([jetlua, replay, "--ops"], check=True, capture_output=True, text=True).stdout)
    problems, jobs = [], []
    for op in ops:
        name = op["name"]
        if only and name not in only:
            continue
        if name not in CASES:
            problems.append(f"{name}: no comparison with PyTorch; add one to Tests/reference/op_cases.py")
            continue
        if len(CASES[name]) < 5:
            problems.append(f"{name}: {len(CASES[name])} calls are compared, expected at least 5")
        placement = {"tensorAndMethod": "tensor"}.get(op["placement"], op["placement"])
        for number, case in enumerate(CASES[name]):
            for dtype in TOLERANCE:
                jobs.append((op, case, dtype, *prepare(name, number, case, dtype, placement)))
                # Methods are the same function; one call shows that they are there.
                if number == 0 and op["placement"] == "tensorAndMethod" and isinstance(case.arguments[0], Array):
                    jobs.append((op, case, dtype, *prepare(name, number, case, dtype, "method")))
    for name in CASES:
        if name not in {op["name"] for op in ops}:
            problems.append(f"{name}: compared, but no op of jetlua")
    with tempfile.TemporaryDirectory() as folder:
        calls, results = Path(folder, "calls"), Path(folder, "results")
        calls.write_text("".join(json.dumps(job[3]) + "\n" for job in jobs))
        subprocess.run([jetlua, replay, calls, results], check=True)
        answers = [json.loads(line) for line in results.read_text().splitlines()]
    rows = {}
    for (op, case, dtype, _, expected, gradients), answer in zip(jobs, answers, strict=True):
        name = op["name"]
        where = f"{name}({shown(case)}) {dtype}"
        row = rows.setdefault(name, {"calls": set(), "value": {}, "gradient": {}, "differentiable": "no_gradient" not in op})
        row["calls"].add(shown(case))
        if "error" in answer:
            problems.append(f"{where}: {answer['error']}")
            continue
        if len(answer["values"]) != len(expected):
            problems.append(f"{where}: {len(answer['values'])} results, PyTorch gives {len(expected)}")
            continue
        for what, got, wanted in [("value", g, e) for g, e in zip(answer["values"], expected)] + [("gradient", g, e) for g, e in zip(answer["gradients"], gradients)]:
            if wanted is None and got is None:
                continue
            # A gradient of nothing but zeros may be left out.
            if wanted is None or got is None:
                other = numpy.abs(numbers(got)).max(initial=0) if got else float(wanted.abs().max()) if wanted.numel() else 0
                if other > 0:
                    problems.append(f"{where}: {what}: {'PyTorch' if wanted is None else 'jetlua'} has none")
                continue
            type_name = str(wanted.dtype).removeprefix("torch.")
            if type_name == "float64" and dtype == "float32":
                type_name = "float32"
            if whole := [a for a in case.arguments if isinstance(a, Array)]:
                # Whole numbers alone give float32 where they give floating-point numbers at all.
                if all(a.kind != "float" for a in whole) and type_name.startswith("float"):
                    type_name = "float32"
            if name == "to" and what == "value":
                type_name = case.arguments[1]
            if got["dtype"] != type_name or list(got["shape"]) != list(wanted.shape):
                problems.append(f"{where}: {what} is {got['dtype']} {got['shape']}, PyTorch's {type_name} {list(wanted.shape)}")
                continue
            e = error(numbers(got), wanted)
            row[what][dtype] = max(row[what].get(dtype, 0.0), e)
            limit = TOLERANCE["float32" if got["dtype"] == "float32" else dtype]
            if not e <= limit:
                problems.append(f"{where}: {what} differs by {e:.3g}: {numbers(got)[:6]} for {wanted.reshape(-1)[:6].tolist()}")
    return rows, problems


def table(rows):
    def cell(row, what, dtype):
        if what == "gradient" and not row["differentiable"]:
            return "–"
        value = row[what].get(dtype)
        return "–" if value is None else "0" if value == 0 else f"{value:.1e}"
    lines = ["| op | calls | value float64 | value float32 | gradient float64 | gradient float32 |", "|---|---:|---:|---:|---:|---:|"]
    for name, row in rows.items():
        lines.append(f"| `{name}` | {len(row['calls'])} | {cell(row, 'value', 'float64')} | {cell(row, 'value', 'float32')} | {cell(row, 'gradient', 'float64')} | {cell(row, 'gradient', 'float32')} |")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jetlua", required=True)
    parser.add_argument("--op", action="append", help="this op only; may be given several times")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    rows, problems = compare(options.jetlua, str(Path(__file__).with_name("replay_ops.lua")), options.op)
    print(table(rows))
    for problem in problems:
        print("compare-torch:", problem, file=sys.stderr)
    print(f"compare-torch: {len(rows)} ops, {sum(len(r['calls']) for r in rows.values())} calls, {len(problems)} problems", file=sys.stderr)
    sys.exit(bool(problems))
