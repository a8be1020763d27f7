"""The calls by which every op of jetlua's table is compared with PyTorch: shapes, layouts, arguments, and PyTorch's own call.

Dimensions and positions in a call are jetlua's (from 1, negative ones from the end, ranges inclusive); the reference converts them.
"""
import math

import torch
import torch.nn.functional as F


class Array:
    """A tensor argument: uniform numbers of a shape, integers, bools or given values, seen through a view."""

    def __init__(self, shape, low=-2.0, high=2.0, layout="", kind="float", values=None, grad=True):
        self.shape, self.low, self.high, self.layout, self.kind, self.values = list(shape), low, high, layout, kind, values
        self.grad = grad and kind == "float"


def T(*shape, low=-2.0, high=2.0, layout="", grad=True):
    return Array(shape, low, high, layout, grad=grad)


def I(*shape, low=1, high=3, layout=""):
    return Array(shape, low, high, layout, kind="int64")


def B(*shape, layout=""):
    return Array(shape, 0, 1, layout, kind="bool")


def V(values, shape=None, kind="float", grad=True):
    return Array(shape if shape is not None else [len(values)], kind=kind, values=values, grad=grad)


class Case:
    def __init__(self, *arguments, reference, note=""):
        self.arguments, self.reference, self.note = list(arguments), reference, note


CASES = {}   # op -> list of Case
LISTS = {"unbind", "chunk", "split"}


def add(name, reference, *calls):
    """Each call is a list of arguments; the reference takes them with tensors in place of arrays."""
    CASES.setdefault(name, []).extend(Case(*c, reference=reference) for c in calls)


def zero(d):
    """A dimension or position from 1 as Python counts it."""
    return d - 1 if d > 0 else d


INF, NAN = math.inf, math.nan


# --- element by element ---

def layouts(low, high):
    return [[T(3, low=low, high=high)], [T(low=low, high=high)], [T(2, 3, 40, low=low, high=high)], [T(0, 4, low=low, high=high)],
            [T(4, 2, low=low, high=high, layout="transposed")], [T(3, 5, low=low, high=high, layout="strided")],
            [T(4, 3, low=low, high=high, layout="expanded")], [T(3, 1, 4, low=low, high=high, layout="narrowed")]]


UNARY = {
    "neg": (torch.neg, -3, 3), "abs": (torch.abs, -3, 3), "square": (torch.square, -3, 3), "sqrt": (torch.sqrt, 0.1, 4),
    "rsqrt": (torch.rsqrt, 0.1, 4), "reciprocal": (torch.reciprocal, 0.3, 3), "sign": (torch.sign, -3, 3), "exp": (torch.exp, -3, 3),
    "expm1": (torch.expm1, -3, 3), "log": (torch.log, 0.1, 5), "log1p": (torch.log1p, -0.7, 4), "sin": (torch.sin, -9, 9),
    "cos": (torch.cos, -9, 9), "tan": (torch.tan, -1.2, 1.2), "sinh": (torch.sinh, -3, 3), "cosh": (torch.cosh, -3, 3),
    "asinh": (torch.asinh, -9, 9), "tanh": (torch.tanh, -3, 3), "sigmoid": (torch.sigmoid, -9, 9), "relu": (torch.relu, -3, 3),
    "selu": (F.selu, -3, 3), "elu": (F.elu, -3, 3), "leaky_relu": (F.leaky_relu, -3, 3), "gelu": (F.gelu, -4, 4),
    "softplus": (F.softplus, -9, 9), "erf": (torch.erf, -3, 3), "floor": (torch.floor, -3, 3), "ceil": (torch.ceil, -3, 3),
    "round": (torch.round, -3, 3),
}
# Where a function or its derivative jumps, and where it leaves the numbers.
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, 1e-10, -1e-10, 1e10, -1e10, 30.0, -30.0, INF, -INF, NAN]
SKIP_EDGES = {"tan", "sin", "cos"}  # of 1e10, of which float32 knows no fraction
for name, (f, low, high) in UNARY.items():
    add(name, f, *layouts(low, high))
    edges = [v for v in EDGES if name not in SKIP_EDGES or abs(v) < 100 or not math.isfinite(v)]
    add(name, f, [V(edges)])
    if name not in ("elu", "selu", "leaky_relu", "gelu", "softplus"):
        add(name, f, [I(2, 3, low=-3, high=3)] if name != "rsqrt" and name != "log" else [I(2, 3, low=1, high=5)])
add("elu", lambda x, a: F.elu(x, a), [T(3, 4), 0.3], [T(2, 3), 2.0])
add("leaky_relu", lambda x, a: F.leaky_relu(x, a), [T(3, 4), 0.2], [V([0.0, -0.0, 1.0, -1.0]), 0.1])
add("softplus", lambda x, b, t: F.softplus(x, b, t), [T(3, 4), 2.0, 1.0], [T(3, 4, low=-30, high=30), 0.5, 3.0])
add("isnan", torch.isnan, [V(EDGES)], [T(2, 3)], [I(3)], [T(0, 2)], [T(4, 3, layout="transposed")], [V([NAN], [])])
add("isfinite", torch.isfinite, [V(EDGES)], [T(2, 3)], [I(3)], [T(0, 2)], [T(4, 3, layout="transposed")], [V([NAN], [])])


DTYPES = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64, "bool": torch.bool}
add("to", lambda x, name: x.to(DTYPES[name]), [T(3), "float64"], [T(), "float64"], [T(0, 4), "float64"], [T(4, 2, layout="transposed"), "float64"], [T(4, 3, layout="expanded"), "float64"],
    [T(2, 3), "int64"], [V([0.0, 0.5, -2.0]), "bool"], [I(3, low=-2, high=2), "bool"], [B(4), "float64"], [I(2, 3), "float64"], [V([2.7, -2.7, 0.0]), "int64"])


def pairs(a, b):
    (la, ha), (lb, hb) = a, b
    return [[T(3, low=la, high=ha), T(3, low=lb, high=hb)], [T(2, 3, low=la, high=ha), T(3, low=lb, high=hb)],
            [T(2, 1, low=la, high=ha), T(1, 4, low=lb, high=hb)], [T(low=la, high=ha), T(2, 2, low=lb, high=hb)],
            [T(low=la, high=ha), T(low=lb, high=hb)], [T(3, 4, low=la, high=ha, layout="transposed"), T(3, 4, low=lb, high=hb)],
            [T(2, 3, 4, low=la, high=ha), T(3, 4, low=lb, high=hb, layout="expanded")], [T(0, 3, low=la, high=ha), T(3, low=lb, high=hb)],
            [T(4, 3, low=la, high=ha, layout="strided"), 1.5], [2.0, T(4, 3, low=lb, high=hb)], [T(4, 3, low=la, high=ha), T(4, 1, low=lb, high=hb)],
            [T(5, 1, 3, low=la, high=ha), T(2, 1, low=lb, high=hb)], [I(4, low=1, high=3), T(4, low=lb, high=hb)]]


TIES = [[1.0, 2.0, 3.0, 0.0, -0.0, INF, -INF, NAN, 1.0], [1.0, 1.0, 4.0, -0.0, 0.0, INF, -INF, 1.0, NAN]]
BINARY = {
    "add": (torch.add, (-2, 2), (-2, 2)), "sub": (torch.sub, (-2, 2), (-2, 2)), "mul": (torch.mul, (-2, 2), (-2, 2)),
    "div": (torch.div, (-2, 2), (0.5, 2)), "pow": (torch.pow, (0.3, 2), (-1, 3)), "maximum": (torch.maximum, (-2, 2), (-2, 2)),
    "minimum": (torch.minimum, (-2, 2), (-2, 2)), "atan2": (torch.atan2, (-2, 2), (-2, 2)),
}


def tensors(f):
    def g(x, y):
        other = y if torch.is_tensor(y) else x
        as_tensor = lambda v: v if torch.is_tensor(v) else torch.tensor(v, dtype=None if isinstance(v, int) else other.dtype)
        return f(as_tensor(x), as_tensor(y))
    return g


for name, (f, a, b) in BINARY.items():
    add(name, tensors(f), *pairs(a, b))
    add(name, tensors(f), [I(2, 3, low=1, high=4), I(3, low=1, high=4)])
    if name not in ("pow", "atan2"):
        add(name, tensors(f), [V(TIES[0]), V(TIES[1])])
    if name in ("add", "mul", "maximum", "minimum"):
        add(name, tensors(f), [B(3, 4), B(4)])
    add(name, tensors(f), [I(3, 4), T()], [I(3, 4), 2])
    if name != "sub":
        add(name, tensors(f), [B(3, 4), I(4)], [B(3, 4), 2])
add("pow", tensors(torch.pow), [V([0.0, 0.0, 2.0, -2.0, -2.0, 0.0, 4.0]), V([0.0, 2.0, 0.0, 2.0, 3.0, 1.0, 0.5])], [T(3, 4), 2.0], [T(3, 4), 3.0],
    [T(5, low=-2, high=2), 0.0], [T(3, low=0.5, high=2), -1.5])
add("atan2", tensors(torch.atan2), [V([1.0, -1.0, 0.0, 0.0, 1.0, -1.0]), V([0.0, 0.0, -1.0, 1.0, -1.0, -1.0])])

for name in ("lt", "le", "gt", "ge", "eq", "ne"):
    f = tensors(getattr(torch, name))
    add(name, f, [V(TIES[0]), V(TIES[1])], [I(3), I(3)], [T(2, 3), T(3)], [T(2, 1), T(1, 4)], [T(3, 4, layout="transposed"), T(3, 4)],
        [T(0, 3), T(3)], [T(4, 3), 0.5], [0.5, T(4, 3)], [T(), T(2, 2)], [I(4, low=-1, high=1), T(4)], [B(4), B(4)])

# --- choosing ---

add("where", lambda m, a, b: torch.where(m, torch.as_tensor(a, dtype=b.dtype) if not torch.is_tensor(a) else a,
                                         torch.as_tensor(b, dtype=a.dtype) if not torch.is_tensor(b) else b),
    [B(4), T(4), T(4)], [B(2, 3), T(3), T(2, 1)], [B(3), T(2, 3), 0.0], [B(2, 1), 1.5, T(2, 3, layout="transposed")],
    [B(4, 3), T(4, 3, layout="strided"), T(4, 3, layout="expanded")], [B(0, 3), T(3), T(1)], [B(2, 2, 3), T(), T(2, 3)], [B(), T(), T()],
    [B(4, 3, layout="transposed"), T(4, 3), T(3)])
add("where", torch.where, [B(2, 3), 1, 2], [B(2, 3), 1.5, 2])
add("clamp", lambda x, low, high: torch.clamp(x, low, high),
    [T(20), -1.0, 1.0], [T(4, 3), 0.0, None], [T(4, 3), None, 0.5], [T(4, 3, layout="transposed"), -0.5, 0.5], [T(2, 5, layout="strided"), -0.5, None],
    [T(0, 3), 0.0, 1.0], [T(), 5.0, 6.0], [T(6), 1.0, -1.0], [V([-1.0, 0.0, 1.0, NAN, INF, -INF]), -1.0, 1.0], [I(6, low=-5, high=5), -2, 3])
add("masked_select", lambda x, m: torch.masked_select(x, m),
    [T(6), B(6)], [T(3, 4), B(3, 4)], [T(3, 4), B(4)], [T(4), B(2, 4)], [T(3, 4, layout="transposed"), B(3, 1)], [T(3, 4, layout="strided"), B(3, 4)],
    [T(0, 2), B(0, 2)], [T(), B()], [T(3, 4, layout="expanded"), B(3, 4, layout="transposed")])


def reducer(f):
    def g(x, d=None, keep=False):
        return f(x) if d is None else f(x, dim=zero(d), keepdim=bool(keep))
    return g


def reduction_calls(low=-2.0, high=2.0):
    return [[T(5, low=low, high=high)], [T(low=low, high=high)], [T(2, 3, low=low, high=high), 1], [T(2, 3, low=low, high=high), 2, True],
            [T(2, 3, 4, low=low, high=high), -2], [T(4, 3, low=low, high=high, layout="transposed"), 1, True], [T(2, 3, 20, low=low, high=high), -1],
            [T(3, 4, low=low, high=high, layout="strided")], [T(3, 4, low=low, high=high, layout="expanded"), 1], [T(3, 1, 4, low=low, high=high, layout="narrowed"), -3, True]]


for name in ("any", "all"):
    f = reducer(getattr(torch, name))
    add(name, f, [B(5)], [B(4, 2), 2], [B(2, 3), 1, True], [B(0, 3)], [B(0, 3), 1], [I(4, 2, low=0, high=1), -1], [V([0.0, NAN, 0.0, 0.0], [2, 2]), 2],
        [B(4, 3, layout="transposed")], [B()])

# --- reductions ---

add("sum", reducer(torch.sum), *reduction_calls(), [T(0, 3), 2], [T(0, 3), 1], [T(0)], [I(3, 4, low=-5, high=5), 1], [B(7)], [B(3, 4), 2])
add("mean", reducer(torch.mean), *reduction_calls(), [T(0, 3), 2], [T(0, 3), 1], [T(0)])
add("prod", reducer(torch.prod), *reduction_calls(), [T(0, 3), 1], [T(0)], [V([1.0, 0.0, 3.0]),], [V([0.0, 0.0, 3.0])], [V([2.0, 0.0, 3.0, 4.0], [2, 2]), 2],
    [I(3, 4, low=-5, high=5), 1])
add("logsumexp", lambda x, d=None, keep=False: torch.logsumexp(x, tuple(range(x.dim())) if d is None else zero(d), bool(keep)), *reduction_calls(),
    [T(3, 17, low=50, high=90), 2], [T(3, 17, low=500, high=900), 2], [V([-INF, 1.0, INF]), 1], [V([-INF, 1.0, 0.0]), 1], [T(0, 3), 1], [T(2, 0), 1])
for name in ("max", "min"):
    def extreme(x, d=None, keep=False, name=name):
        if d is None:
            return getattr(torch, name)(x)
        values, indices = getattr(torch, name)(x, zero(d), bool(keep))
        return values, indices + 1
    add(name, extreme, *reduction_calls(), [V([1.0, 3.0, 3.0, 2.0, 3.0])], [V([1.0, 3.0, 3.0, 2.0, 3.0]), 1], [V([1.0, 1.0, 3.0, 1.0], [2, 2])],
        [V([1.0, 1.0, 3.0, 1.0], [2, 2]), 2], [V([1.0, NAN, 3.0])], [V([1.0, NAN, 3.0, 4.0], [2, 2]), 2], [V([INF, INF, -INF, -INF], [2, 2]), 1], [I(3, 4), 2], [T(2, 0), 1])
for name in ("argmax", "argmin"):
    add(name, lambda x, d=None, keep=False, name=name: getattr(torch, name)(x, None if d is None else zero(d), bool(keep) if d is not None else False) + 1,
        *reduction_calls(), [V([1.0, 3.0, 3.0, 2.0, 3.0]), 1], [V([1.0, NAN, 3.0])], [I(3, 4), 2], [T(2, 0), 1])
add("softmax", lambda x, d: torch.softmax(x, zero(d)), [T(5), 1], [T(2, 3), 2], [T(2, 3), 1], [T(2, 3, 40), -1], [T(4, 3, layout="transposed"), 2], [T(0, 3), 2],
    [T(3, 17, low=50, high=90), 2], [T(2, 3, 4), -2], [V([-INF, 0.0, 1.0]), 1], [T(3, 5, layout="strided"), 1], [T(), 1])
add("log_softmax", lambda x, d: torch.log_softmax(x, zero(d)), [T(5), 1], [T(2, 3), 2], [T(2, 3), 1], [T(2, 3, 40), -1], [T(4, 3, layout="transposed"), 2], [T(0, 3), 2],
    [T(3, 17, low=50, high=90), 2], [T(2, 3, 4), -2], [V([-INF, 0.0, 1.0]), 1], [T(3, 5, layout="strided"), 1], [T(), 1])

# --- statistics ---

for name in ("var", "std"):
    def spread(x, d=None, keep=None, unbiased=None, correction=None, name=name):
        f = getattr(torch, name)
        correction = correction if correction is not None else 0 if unbiased is False else 1
        return f(x, correction=correction) if d is None else f(x, dim=zero(d), correction=correction, keepdim=bool(keep))
    add(name, spread, *[c for c in reduction_calls() if c[0].shape != [] and not (c[0].layout == "expanded") and c[0].layout != "narrowed"],
        [T(3, 4), 2, None, False], [T(3, 4), None, None, False], [T(3, 4), -1, True, True], [T(3, 4), -1, True, None, 2], [T(6, low=1000, high=1001)], [T(3, 1), 2], [T(1)], [T()])
add("norm", lambda x, d=None, keep=None, p=2: torch.linalg.vector_norm(x, p, None if d is None else zero(d), bool(keep)), *reduction_calls(),
    [T(3, 4), 2, None, 1], [T(3, 4), None, None, 1], [T(3, 4), 1, True, 3], [T(3, 4), -1, None, "inf"], [T(3, 4), None, None, "inf"], [T(3, 4), None, None, 1.5],
    [V([3.0, -3.0, 1.0]), None, None, "inf"], [V([0.0, 0.0]), 1], [V([0.0, 0.0, 3.0, 4.0], [2, 2]), 2], [T(0, 3), 1], [T(0)])
add("cumsum", lambda x, d: torch.cumsum(x, zero(d)), [T(5), 1], [T(3, 4), 1], [T(3, 4), -1], [T(3, 4, layout="transposed"), 2], [T(3, 4, layout="strided"), 1], [I(4, low=1, high=5), 1],
    [T(0, 2), 1], [T(2, 3, 2), -2], [T(), 1], [B(5), 1], [T(100), 1])
add("dot", torch.dot, [T(4), T(4)], [T(1), T(1)], [T(5, layout="strided"), T(5)], [T(100), T(100, layout="strided")], [T(0), T(0)], [I(3), I(3)])
add("quantile", lambda x, q, d=None, keep=None: torch.quantile(x, q, None if d is None else zero(d), bool(keep)),
    [T(9), 0.5], [T(3, 4), 0.3, 2], [T(3, 4), 0.75, 1, True], [T(5, 3, layout="transposed"), 0.1, -2], [T(3, 4, layout="strided"), 1.0], [T(7), 0.0], [V([1.0, NAN, 2.0, 3.0], [2, 2]), 0.5, 2],
    [T(), 0.3], [T(2, 3, 4), 0.6, -1])


def median(x, d=None, keep=False):
    if d is None:
        return torch.median(x)
    values, indices = torch.median(x, zero(d), bool(keep))
    return values, indices + 1


add("median", median, [T(5)], [T(6)], [T(3, 4), 2], [T(3, 4), 1, True], [T(5, 3, layout="transposed"), 1], [T(3, 4, layout="strided")], [V([1.0, NAN, 2.0, 3.0], [2, 2]), 2], [T()],
    [V([2.0, 1.0, 2.0, 2.0, 5.0])], [I(5, low=1, high=9)])
add("histc", lambda x, bins=100, low=0, high=0: torch.histc(x, bins, low, high), [T(50, grad=False), 5, -2.0, 2.0], [T(50, grad=False), 7], [T(6, 5, grad=False), 3, -1.0, 0.5],
    [T(4, 3, layout="transposed", grad=False), 4, 0.0, 2.0], [V([0.0, 1.0, 1.0, 2.0, 5.0], grad=False), 2, 0.0, 2.0], [V([3.0, 3.0], grad=False), 4], [T(0, grad=False), 2],
    [V([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0], grad=False), 10, 0.0, 1.0])

# --- sorting ---


def sort(x, d=None, descending=None):
    values, indices = torch.sort(x, dim=-1 if d is None else zero(d), descending=bool(descending), stable=True)
    return values, indices + 1


MANY = [3.0, 1.0, 2.0, 3.0, 1.0, 1.0, 2.0, 0.0, -0.0]
add("sort", sort, [T(6)], [T(3, 4), 1], [T(3, 4), 2, True], [T(4, 3, layout="transposed")], [T(3, 4, layout="strided"), -2, True], [T(2, 3, 4), 2], [T(0, 3)], [T()], [I(8), None, True],
    [V([2.0, NAN, -INF, 1.0, NAN, INF])], [V([2.0, NAN, -INF, 1.0, NAN, INF]), None, True], [V(MANY)], [V(MANY), None, True], [B(6)])
add("argsort", lambda x, d=None, descending=None: sort(x, d, descending)[1], [T(6)], [T(3, 4), 1], [T(3, 4), 2, True], [T(4, 3, layout="transposed")], [T(0, 3)], [I(8)], [T()], [V(MANY)],
    [V(MANY), None, True], [V([2.0, NAN, -INF, 1.0, NAN, INF]), None, True])


def topk(x, k, d=None, largest=None):
    values, indices = torch.topk(x, k, dim=-1 if d is None else zero(d), largest=largest is not False)
    return values, indices + 1


add("topk", topk, [T(6), 2], [T(3, 4), 2, 1], [T(3, 4), 3, 2, False], [T(4, 3, layout="transposed"), 1], [T(3, 4, layout="strided"), 4], [T(2, 3), 0], [T(), 1], [V([1.0, NAN, 3.0]), 2],
    [T(0, 3), 2], [T(2, 5, 3), 2, -2, False])

# --- shapes ---


def shape_of(values):
    return values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)


for name in ("reshape", "view"):
    f = lambda x, *s, name=name: getattr(x, name)(shape_of(s))
    add(name, f, [T(6), 2, 3], [T(2, 3), -1], [T(2, 3, 4), [6, 4]], [T(0, 3), 3, 0], [T(1), []], [T(), 1, 1], [T(2, 6, layout="expanded"), 2, 3, 2])
add("reshape", lambda x, *s: x.reshape(shape_of(s)), [T(4, 3, layout="transposed"), 2, 6], [T(2, 6, layout="strided"), 4, 3], [T(3, 4, layout="expanded"), 12])
add("view", lambda x, *s: x.view(shape_of(s)), [T(3, 4, layout="transposed"), 3, 2, 2], [T(3, 4, layout="narrowed"), 3, 2, 2])
add("flatten", lambda x, a=1, b=-1: torch.flatten(x, zero(a), zero(b)), [T(2, 3, 4)], [T(2, 3, 4), 2, 3], [T(5), 1, -1], [T(2, 3, layout="transposed")], [T(2, 0, 3), 2, -1], [T()], [T(2, 3, 4), -2])
add("transpose", lambda x, a, b: torch.transpose(x, zero(a), zero(b)), [T(2, 3), 1, 2], [T(2, 3, 4), 1, -1], [T(2, 3, 4), 2, 2], [T(4, 3, layout="strided"), 2, 1], [T(0, 3), 1, 2],
    [T(4, 3, layout="expanded"), -1, -2], [T(), 1, 1])
add("t", torch.t, [T(2, 3)], [T(3, 1)], [T(5)], [T(4, 2, layout="transposed")], [T(0, 3)], [T(3, 4, layout="strided")], [T()])
add("permute", lambda x, *o: torch.permute(x, [zero(d) for d in shape_of(o)]), [T(2, 3), 2, 1], [T(2, 3, 4), 3, 1, 2], [T(2, 3, 4), [1, 2, 3]], [T(2, 3, 4, layout="transposed"), -2, -1, 1],
    [T(0, 3), 2, 1], [T(2, 1, 3, 2), 4, 2, 1, 3])
add("unsqueeze", lambda x, d: torch.unsqueeze(x, zero(d)), [T(3), 1], [T(3), 2], [T(2, 3), -1], [T(), 1], [T(4, 3, layout="transposed"), 2], [T(0, 3), 1], [T(2, 3), -3])
add("squeeze", lambda x, d=None: torch.squeeze(x) if d is None else torch.squeeze(x, zero(d)), [T(1, 3), 1], [T(1, 3, 1)], [T(2, 3), 1], [T(1)], [T(3, 1, layout="transposed"), -1], [T(0, 1), 2], [T()], [T(), 1])
add("expand", lambda x, *s: x.expand(shape_of(s)), [T(1, 3), 4, 3], [T(3), 2, 3], [T(), 2, 2], [T(2, 1), 2, 0], [T(0, 1), 0, 3], [T(3, 1, layout="transposed"), -1, 4], [T(1, 1, 2), [3, 4, -1]])
add("select", lambda x, d, i: torch.select(x, zero(d), zero(i)), [T(3), 1, 2], [T(2, 3), 2, -1], [T(2, 3, 4), -2, 1], [T(4, 3, layout="transposed"), 1, 4], [T(3, 4, layout="strided"), 2, 2], [T(2, 0, 2), 1, 2])
add("narrow", lambda x, d, s, n: torch.narrow(x, zero(d), zero(s), n), [T(5), 1, 2, 3], [T(2, 3), 2, 1, 2], [T(2, 3, 4), -1, -1, 1], [T(4, 3, layout="transposed"), 1, 2, 2], [T(3, 4, layout="strided"), 2, 3, 2],
    [T(4), 1, 3, 0], [T(2, 0), 1, 2, 1])
add("contiguous", lambda x: x.contiguous(), [T(3)], [T(4, 3, layout="transposed")], [T(3, 4, layout="strided")], [T(3, 4, layout="expanded")], [T()], [T(0, 2)])
add("clone", torch.clone, [T(3)], [T(4, 3, layout="transposed")], [T(3, 4, layout="strided")], [T(3, 4, layout="expanded")], [T()], [T(0, 2)])
add("cat", lambda l, d=1: torch.cat(l, zero(d)), [[T(3), T(3)]], [[T(2, 3), T(2, 3, layout="transposed"), T(2, 1)], 2], [[T(2, 3)], -1], [[T(0, 3), T(2, 3)], 1],
    [[T(2, 3, 2, layout="strided"), T(2, 3, 2)], -1], [[T(2, 3, layout="expanded"), T(4, 3)], 1], [[I(3), T(2)], 1])
add("stack", lambda l, d=1: torch.stack(l, zero(d)), [[T(3), T(3)]], [[T(2, 3), T(2, 3, layout="transposed")], 3], [[T(2, 3)], -1], [[T(0, 3), T(0, 3)], 1], [[T(), T(), T()]],
    [[T(2, 3, layout="expanded"), T(2, 3)], -2])

# --- indexing ---

add("index_select", lambda x, d, i: torch.index_select(x, zero(d), torch.where(i > 0, i - 1, i + x.shape[zero(d)])), [T(5), 1, I(3, high=5)], [T(3, 4), 1, I(6)],
    [T(3, 4), 2, I(2, low=-4, high=-1)], [T(2, 3, 4), -2, I(5)], [T(4, 3, layout="transposed"), 1, I(4, high=4)], [T(3, 4, layout="strided"), -1, I(3, high=4)], [T(3, 4), 1, I(0)],
    [T(3, 4, layout="expanded"), 1, I(2)], [I(5, high=9), 1, I(3, high=5)])
add("gather", lambda x, d, i: torch.gather(x, zero(d), torch.where(i > 0, i - 1, i + x.shape[zero(d)])), [T(5), 1, I(3, high=5)], [T(3, 4), 2, I(3, 2, high=4)], [T(3, 4), 1, I(5, 4)],
    [T(3, 4, layout="transposed"), 2, I(2, 2, low=-4, high=-1)], [T(3, 4, layout="strided"), -2, I(1, 3)], [T(2, 3, 4), 2, I(2, 2, 3)], [T(3, 4), 2, I(3, 0)],
    [T(3, 4, layout="expanded"), -1, I(3, 4, high=4, layout="transposed")])


add("scatter_add", lambda x, d, i, s: torch.scatter_add(x, zero(d), torch.where(i > 0, i - 1, i + x.shape[zero(d)]), s), [T(5), 1, I(3, high=5), T(3)], [T(3, 4), 2, I(3, 2, high=4), T(3, 2)],
    [T(3, 4), 1, I(5, 4), T(5, 4, layout="strided")], [T(3, 4, layout="transposed"), -1, I(2, 2, low=-4, high=-1), T(2, 2, layout="transposed")], [T(3, 4, layout="expanded"), 1, I(2, 3), T(2, 3, layout="expanded")],
    [T(2, 3, 4), 2, I(2, 2, 3), T(2, 2, 3)], [T(3, 4), 2, I(3, 0), T(3, 0)])


def sliced(x, d, first, last, step=1):
    n = x.shape[zero(d)]
    a, b = (v if v > 0 else v + n + 1 for v in (first, last))
    return x[tuple(slice(a - 1, b, step) if k == zero(d) % x.dim() else slice(None) for k in range(x.dim()))]


add("slice", sliced, [T(6), 1, 2, 5], [T(6), 1, 1, -1, 2], [T(3, 5), 2, 2, 5, 3], [T(4, 3, layout="transposed"), 1, 2, 4, 2], [T(3, 4, layout="strided"), -1, 1, -1, 2], [T(4), 1, 3, 2],
    [T(4, 0), 1, 2, 3])
add("unbind", lambda x, d=1: torch.unbind(x, zero(d)), [T(3)], [T(3, 2)], [T(3, 2), 2], [T(2, 3, layout="transposed"), 1], [T(2, 3, layout="strided"), -1], [T(2, 3, 2), 3], [T(2, 0), 1])
add("chunk", lambda x, n, d=1: torch.chunk(x, n, zero(d)), [T(6), 3], [T(7), 3], [T(2, 5), 2, 2], [T(5, 2, layout="transposed"), 2, 1], [T(3, 4, layout="strided"), 4, -1], [T(3), 9])
add("split", lambda x, n, d=1: torch.split(x, n, zero(d)), [T(6), 3], [T(7), 3], [T(2, 5), 2, 2], [T(5, 2, layout="transposed"), 2, 1], [T(3, 4, layout="strided"), 4, -1], [T(0, 2), 2], [T(3), 9])

# --- matrices ---

add("matmul", torch.matmul, [T(2, 3), T(3, 4)], [T(3), T(3)], [T(3), T(3, 2)], [T(2, 3), T(3)], [T(2, 2, 3), T(3, 4)], [T(2, 2, 3), T(2, 3, 2)], [T(2, 1, 2, 3), T(3, 3, 2)],
    [T(4, 3, layout="transposed"), T(3, 5, layout="transposed")], [T(4, 3, layout="strided"), T(3, 2)], [T(0, 3), T(3, 2)], [T(2, 0), T(0, 3)], [T(3), T(2, 3, 4)], [T(4, 3, layout="expanded"), T(3, 2)],
    [T(2, 2, 3), T(3)], [T(40, 70), T(70, 30)])
add("linear", lambda x, w, b=None: F.linear(x, w, b), [T(4, 3), T(5, 3), T(5)], [T(4, 3), T(5, 3)], [T(3), T(5, 3), T(5)], [T(2, 4, 3), T(5, 3), T(5)],
    [T(4, 3, layout="transposed"), T(5, 3, layout="transposed"), T(5)], [T(0, 3), T(5, 3), T(5)], [T(64, 40), T(30, 40), T(30)])
add("linear_relu", lambda x, w, b: F.relu(F.linear(x, w, b)), [T(4, 3), T(5, 3), T(5)], [T(3), T(5, 3), T(5)], [T(2, 4, 3), T(5, 3), T(5)],
    [T(4, 3, layout="transposed"), T(5, 3, layout="transposed"), T(5, layout="strided")], [T(0, 3), T(5, 3), T(5)], [T(300, 40), T(70, 40), T(70)])


def dense_layers(x, weights, biases, relu=False):
    for i, (weight, bias) in enumerate(zip(weights, biases)):
        x = F.linear(x, weight, bias)
        x = F.relu(x) if relu or i < len(weights) - 1 else x
    return x


add("dense_layers", dense_layers, [T(4, 3), [T(5, 3), T(2, 5)], [T(5), T(2)]], [T(4, 3), [T(5, 3), T(2, 5)], [T(5), T(2)], True], [T(3, 4), [T(1, 4)], [T(1)]],
    [T(6, 4, layout="transposed"), [T(20, 4, layout="transposed"), T(17, 20), T(3, 17, layout="strided")], [T(20, layout="strided"), T(17), T(3)]],
    [T(0, 3), [T(5, 3), T(2, 5)], [T(5), T(2)]], [T(300, 40), [T(70, 40, low=-0.2, high=0.2), T(30, 70, low=-0.2, high=0.2)], [T(70), T(30)]])
add("outer", torch.outer, [T(3), T(4)], [T(1), T(4)], [T(0), T(4)], [T(3, layout="strided"), T(2)], [T(5), T(5, layout="strided")], [T(20), T(30)])

# --- variational models and losses ---

REDUCE = {"mean": torch.mean, "sum": torch.sum, "none": lambda x: x}
add("gaussian_sample", lambda mu, logvar, noise: mu + torch.exp(logvar / 2) * noise, [T(4, 2), T(4, 2), T(4, 2)], [T(1), T(1), T(1)], [T(2, 2, layout="transposed"), T(2, 2), T(2, 2)],
    [T(2, 2, layout="strided"), T(2, 2, layout="strided"), T(2, 2)], [T(0, 2), T(0, 2), T(0, 2)], [T(2, 3, 4), T(2, 3, 4), T(2, 3, 4)])


def gaussian_kl(mu, logvar, prior_mu=None, prior_var=None, reduction="mean"):
    normal = torch.distributions.Normal
    m = torch.zeros_like(mu) if prior_mu is None else prior_mu.expand_as(mu)
    v = torch.ones_like(mu) if prior_var is None else prior_var.expand_as(mu)
    return REDUCE[reduction](torch.distributions.kl_divergence(normal(mu, torch.exp(logvar / 2)), normal(m, v.sqrt())).sum(-1))


P = dict(low=0.5, high=2.0)
add("gaussian_kl", gaussian_kl, [T(4, 2), T(4, 2)], [T(4, 3), T(4, 3), T(3), T(3, **P)], [T(4, 3), T(4, 3), T(3), T(3, **P), "none"], [T(2), T(2), None, None, "sum"],
    [T(3, 2, layout="transposed"), T(3, 2, layout="strided"), T(2), None, "sum"], [T(2, 3, 2), T(2, 3, 2), None, T(2, **P), "none"], [T(0, 2), T(0, 2), None, None, "sum"])


def gaussian_heads(h, mu_weight, mu_bias, logvar_weight, logvar_bias, noise, *rest):
    mu, logvar = F.linear(h, mu_weight, mu_bias), F.linear(h, logvar_weight, logvar_bias)
    return mu + torch.exp(logvar / 2) * noise, gaussian_kl(mu, logvar, *rest)


def heads(n, width, r, layout="", noise=False):
    return [T(n, width, layout=layout), T(r, width), T(r), T(r, width, layout=layout), T(r), T(n, r, grad=noise)]


add("gaussian_heads", gaussian_heads, heads(4, 3, 2), heads(5, 7, 3) + [T(3), T(3, **P)], heads(5, 7, 3, noise=True) + [T(3), T(3, **P), "none"],
    heads(6, 4, 2, "strided") + [None, None, "sum"], heads(4, 4, 2, "transposed") + [T(2, grad=False), V([0.5, 2.0], grad=False), "none"], heads(0, 3, 2) + [None, None, "sum"], heads(40, 20, 9))


def gaussian_posterior(x, noise, over="sum"):
    mu, logvar = x.chunk(2, 1)
    kl = 0.5 * (torch.exp(logvar) + mu * mu - 1 - logvar)
    return mu + torch.exp(logvar / 2) * noise, kl.sum(1) if over == "sum" else kl.mean(1)


add("gaussian_posterior", gaussian_posterior, [T(4, 4), T(4, 2)], [T(4, 4), T(4, 2, grad=False), "mean"], [T(3, 36), T(3, 18, grad=False)],
    [T(2, 4, layout="transposed"), T(2, 2, layout="strided")], [T(0, 4), T(0, 2)])


def mixture_nll(r, weight, x, reduction="mean"):
    return REDUCE[reduction](-(x * torch.log_softmax(r @ weight.t(), -1)).sum(-1))


D = dict(low=0.05, high=1.0)
add("mixture_nll", mixture_nll, [T(4, 2, **D), T(10, 2), T(4, 10, **D)], [T(5, 3, **D), T(20, 3), T(5, 20, **D), "sum"], [T(5, 2, **D), T(32, 2), T(5, 32, grad=False, **D), "none"],
    [T(3, 1, **D), T(12, 1), T(3, 12, **D)], [T(6, 3, **D), T(15, 3, low=-60, high=60), T(6, 15, grad=False, **D)], [T(0, 2), T(10, 2), T(0, 10), "none"],
    [T(4, 2, layout="transposed", **D), T(10, 2, layout="strided"), T(4, 10, layout="transposed", **D)])


def loss_calls(x=(-2.0, 2.0), t=(-2.0, 2.0)):
    X, Y = dict(low=x[0], high=x[1]), dict(low=t[0], high=t[1])
    return [[T(5, **X), T(5, **Y)], [T(3, 4, **X), T(3, 4, **Y), "sum"], [T(3, 4, **X), T(3, 4, **Y), "none"], [T(4, 3, layout="transposed", **X), T(4, 3, layout="strided", **Y)],
            [T(4, 3, layout="expanded", **X), T(4, 3, layout="transposed", **Y), "none"], [T(**X), T(**Y)], [T(0, 3, **X), T(0, 3, **Y), "sum"]]


def loss(f):
    return lambda x, t, reduction="mean", *rest: f(x, t.to(x.dtype) if not t.is_floating_point() else t, reduction=reduction, *rest)


add("mse_loss", loss(F.mse_loss), *loss_calls())
add("l1_loss", loss(F.l1_loss), *loss_calls(), [V([1.0, 2.0]), V([1.0, 3.0]), "sum"])
add("huber_loss", lambda x, t, reduction="mean", delta=1.0: F.huber_loss(x, t, reduction, delta), *loss_calls(), [T(4, 3), T(4, 3), "mean", 0.3], [T(6), T(6), "none", 2.0])

def weighed(calls):
    """Calls of a loss with a weight, left out, before the reduction."""
    return [call[:2] + [None] + call[2:] for call in calls]


def weighed_loss(f):
    def reference(x, t, weight=None, reduction="mean", *rest):
        return f(x, t.to(x.dtype) if not t.is_floating_point() else t, weight, reduction=reduction, **dict(zip(["pos_weight"], rest)))
    return reference


W = dict(low=0.5, high=2.0, grad=False)
add("binary_cross_entropy", weighed_loss(F.binary_cross_entropy), *weighed(loss_calls((0.05, 0.95), (0.0, 1.0))),
    [V([0.0, 1.0, 0.0, 1.0], grad=False), V([0.0, 1.0, 1.0, 0.0], grad=False), None, "none"], [T(6, low=0.1, high=0.9), I(6, low=0, high=1)],
    [T(3, 4, low=0.1, high=0.9), T(3, 4, low=0, high=1), T(4, **W), "mean"], [T(3, 4, low=0.1, high=0.9), T(3, 4, low=0, high=1), T(3, 1, **W), "none"])
add("binary_cross_entropy_with_logits", weighed_loss(F.binary_cross_entropy_with_logits), *weighed(loss_calls(t=(0.0, 1.0))),
    [T(6, low=-80, high=80), I(6, low=0, high=1), None, "none"], [T(3, 4), T(3, 4, low=0, high=1), T(4, **W), "sum"],
    [T(3, 4), T(3, 4, low=0, high=1), None, "mean", T(4, **W)], [T(3, 4), T(3, 4, low=0, high=1), T(3, 4, **W), "none", T(4, **W)])
add("kl_div", lambda x, t, reduction="mean", log_target=False: F.kl_div(x, t, reduction=reduction, log_target=log_target), *loss_calls(t=(0.1, 1.0)), [T(4, 3), T(4, 3), "batchmean", True],
    [T(4, 3), T(4, 3, low=0.1, high=1.0), "batchmean"], [T(3), V([0.0, 0.0, 1.0], grad=False), "sum"])
def class_loss(f):
    def reference(x, t, weight=None, reduction="mean", ignore_index=-100, *smoothing):
        classes = t if t.is_floating_point() else t - 1
        return f(x, classes, weight, reduction=reduction, ignore_index=ignore_index - 1, **dict(zip(["label_smoothing"], smoothing)))
    return reference


CLASS_CALLS = [[T(4, 3), I(4)], [T(4, 3), I(4), None, "sum"], [T(4, 3), I(4), None, "none"], [T(3), I()], [T(4, 3, layout="transposed"), I(4)],
               [T(2, 3, 4), I(2, 4), None, "none"], [T(2, 3, layout="strided"), I(2), None, "sum"], [T(0, 3), I(0), None, "sum"], [T(6, 3), I(6), T(3, **W)],
               [T(6, 3), I(6), T(3, **W), "none"], [T(2, 3, 4), I(2, 4), T(3, **W), "mean", 2], [T(6, 3), I(6), None, "mean", 1]]
add("cross_entropy", class_loss(F.cross_entropy), *CLASS_CALLS, [T(4, 3), T(4, 3, **D)], [T(2, 3, 2), T(2, 3, 2, **D), None, "none"],
    [T(6, 3), I(6), T(3, **W), "mean", 3, 0.2], [T(4, 3), T(4, 3, **D), T(3, **W), "sum", -100, 0.1])
add("nll_loss", class_loss(F.nll_loss), *CLASS_CALLS)

add("layer_norm", F.layer_norm, [T(4, 5), [5], T(5), T(5)], [T(4, 5), [5], None, None, 0.1], [T(2, 3, 4), [3, 4], T(3, 4), T(3, 4)], [T(6), [6], T(6)],
    [T(5, 3, layout="transposed"), [3], None, T(3)], [T(3, 20, layout="strided"), [20], T(20), T(20)], [T(0, 3), [3], T(3), T(3)])


def batch_norm(x, mean=None, variance=None, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    # jetlua also differentiates by running statistics, which PyTorch's own call leaves out.
    if training:
        return F.batch_norm(x, None, None, weight, bias, True, momentum, eps)
    shape = [1, -1] + [1] * (x.dim() - 2)
    y = (x - mean.view(shape)) / (variance.view(shape) + eps).sqrt()
    y = y if weight is None else y * weight.view(shape)
    return y if bias is None else y + bias.view(shape)


P = dict(low=0.5, high=2.0)
add("batch_norm", batch_norm, [T(5, 3), None, None, T(3), T(3), True], [T(4, 2, 3), None, None, T(2), T(2), True, 0.3], [T(2, 3, 4, 5), None, None, T(3), None, True, 0.1, 0.1],
    [T(3, 2, 4, 5), T(2), T(2, **P), T(2), T(2), False], [T(4, 3), T(3), T(3, **P), None, T(3)], [T(5, 3, layout="transposed"), None, None, None, None, True],
    [T(3, 2, 7, layout="strided"), None, None, T(2), T(2), True], [T(0, 2), T(2), T(2, **P), T(2), T(2)])

# --- images ---

add("conv2d", F.conv2d, [T(2, 3, 6, 7), T(4, 3, 3, 2), T(4)], [T(2, 5, 6), T(3, 2, 5, 5), None, 1, [2, 2]], [T(1, 2, 7, 6), T(2, 2, 3, 3), T(2), [2, 1], [1, 2], [1, 2]],
    [T(2, 4, 5, 5), T(6, 2, 2, 3), T(6), 1, [0, 1], [2, 1], 2], [T(2, 3, 5, 4), T(3, 1, 3, 3), None, 1, "same", 1, 3], [T(2, 2, 4, 6, layout="transposed"), T(2, 2, 2, 2, layout="strided"), T(2), [3, 2]],
    [T(3, 1, 8, 8, layout="expanded"), T(7, 1, 5, 5), T(7), 1, 2], [T(2, 10, 20, 40), T(10, 10, 5, 5), T(10), 1, 2], [T(0, 2, 4, 4), T(3, 2, 2, 2), T(3)])
add("conv_transpose2d", F.conv_transpose2d, [T(2, 3, 4, 5), T(3, 4, 3, 2), T(4)], [T(2, 4, 5), T(2, 3, 5, 5), T(3), 1, [2, 2]], [T(1, 2, 3, 4), T(2, 2, 3, 3), T(2), [2, 3], [1, 0], [1, 2]],
    [T(2, 4, 3, 3), T(4, 3, 2, 3), T(6), [1, 2], [0, 1], [0, 1], 2, [2, 1]], [T(1, 2, 4, 3, layout="transposed"), T(2, 2, 1, 1, layout="strided"), T(2), 2],
    [T(2, 10, 20, 40), T(10, 10, 5, 5), T(10), 1, 2], [T(0, 2, 4, 4), T(2, 3, 2, 2), T(3)])
add("avg_pool2d", F.avg_pool2d, [T(2, 3, 4, 6), 2], [T(3, 5, 5), [3, 2]], [T(1, 2, 7, 6), 3, [2, 1], 1], [T(1, 2, 7, 6), [3, 2], 2, 1, True, False], [T(1, 1, 5, 5), 2, 2, 0, False, True, 3],
    [T(1, 2, 4, 4, layout="transposed"), [4, 1], 1], [T(2, 4, 4, layout="strided"), 2], [T(0, 2, 4, 4), 2])
add("max_pool2d", F.max_pool2d, [T(2, 3, 4, 6), 2], [T(3, 5, 5), [3, 2]], [T(1, 2, 7, 6), 3, [2, 1], 1], [T(1, 2, 7, 6), [3, 2], 2, 1, 1, True], [T(1, 2, 7, 8), [2, 3], [1, 2], [1, 0], [3, 2]],
    [T(1, 2, 4, 4, layout="transposed"), [4, 1], 1], [V([1, 1, 2, 2, 0, 0, 3, 3], [1, 2, 4]), [1, 2]], [T(0, 2, 4, 4), 2])


def upsample(x, size=None, scale=None, mode="nearest", align=None):
    batched = x if x.dim() == 4 else x.unsqueeze(0)
    y = F.interpolate(batched, size, tuple(scale) if isinstance(scale, list) else scale, mode, align if mode == "bilinear" else None)
    return y if x.dim() == 4 else y.squeeze(0)


add("upsample", upsample, [T(2, 3, 4, 5), None, 2], [T(2, 3, 5), [7, 4]], [T(1, 2, 4, 5), None, [1.5, 0.7]], [T(1, 2, 4, 5), [7, 9], None, "bilinear"], [T(1, 2, 4, 5), [9, 3], None, "bilinear", True],
    [T(2, 4, 5), None, 2, "bilinear"], [T(1, 1, 4, 5), None, [1.7, 2.3], "bilinear"], [T(1, 2, 4, 3, layout="transposed"), [6, 8]], [T(2, 3, 4, layout="strided"), 1, None, "bilinear", True])


def distance_correlation(x, y, weight=None, squared=False):
    """From all pairs, doubly centred."""
    x, y = x.flatten(), y.flatten().to(x.dtype)
    u = torch.ones_like(x) if weight is None else weight.flatten()
    u = u / u.sum()

    def centred(v):
        d = (v[:, None] - v[None, :]).abs()
        row = d @ u
        return d - row[:, None] - row[None, :] + row @ u

    a, b = centred(x), centred(y)
    square = (u @ (a * b) @ u) / ((u @ (a * a) @ u) * (u @ (b * b) @ u)).sqrt()
    return square if squared else square.sqrt()


add("distance_correlation", distance_correlation, [T(7), T(7), None, True], [T(300), T(300), T(300, low=0.5, high=2.0)], [T(9), T(9, layout="strided"), T(9, low=0.5), True],
    [T(4, 3, layout="transposed"), T(4, 3)], [V([1.0, 2.0, 2.0, 3.0, 3.0]), V([2.0, 1.0, 1.0, 3.0, 1.0]), None, True],
    [T(2, grad=False), T(2, grad=False)])  # of two points it is 1 whatever they are, and a gradient only rounding

# --- mixtures of Gaussians, and rows of images ---

Independent, Normal = torch.distributions.Independent, torch.distributions.Normal


def mixture_log_prob(z, logits, means, logvars):
    # MixtureSameFamily takes no empty batch.
    densities = Normal(means, (logvars / 2).exp()).log_prob(z.unsqueeze(1)).sum(2)
    return torch.logsumexp(F.log_softmax(logits, 0) + densities, 1)


def responsibilities(z, logits, means, logvars):
    """Bayes' rule, from the densities themselves."""
    joint = F.softmax(logits, 0) * Normal(means, (logvars / 2).exp()).log_prob(z.unsqueeze(1)).sum(2).exp()
    return joint / joint.sum(1, keepdim=True)


def ashman_distance(means, logvars):
    pairs = torch.combinations(torch.arange(len(means)), 2)
    first, second = pairs[:, 0], pairs[:, 1]
    return (2 * (means[first] - means[second]) ** 2 / (logvars[first].exp() + logvars[second].exp())).sum(1).sqrt()


def squared_error(x, target, over="sum", reduction="mean"):
    rows = ((x - target.to(x.dtype)) ** 2).sum(1) if over == "sum" else ((x - target.to(x.dtype)) ** 2).mean(1)
    return {"mean": rows.mean, "sum": rows.sum, "none": lambda: rows}[reduction]()


def mixture_calls(**options):
    def call(n, components, dimensions, layout=""):
        return [T(n, dimensions, layout=layout, **options), T(components, **options), T(components, dimensions, layout=layout, **options), T(components, dimensions, **options)]
    return [call(4, 3, 2), call(5, 2, 1), call(3, 1, 2), call(6, 4, 3, "transposed"), call(4, 2, 5, "strided"), call(0, 3, 2), call(50, 8, 10)]


add("gaussian_entropy", lambda logvar: Independent(Normal(torch.zeros_like(logvar), (logvar / 2).exp()), 1).entropy(), [T(4, 2)], [T(3)], [T(3, 2, layout="transposed")],
    [T(2, 3, 2, layout="strided")], [T(4, 3, layout="expanded")], [T(60, 10)])
add("gaussian_mixture_log_prob", mixture_log_prob, *mixture_calls())
add("gaussian_mixture_responsibilities", responsibilities, *mixture_calls(grad=False))
add("ashman_distance", ashman_distance, [T(2, 1), T(2, 1)], [T(3, 2), T(3, 2)], [T(5, 4), T(5, 4)], [T(3, 2, layout="transposed"), T(3, 2, layout="strided")], [T(1, 2), T(1, 2)], [T(10, 10), T(10, 10)])
add("squared_error", squared_error, [T(4, 10), T(4, 10)], [T(4, 10), T(4, 10), "mean", "none"], [T(4, 3, layout="transposed"), T(4, 3, layout="strided"), "sum", "sum"],
    [T(4, 3, layout="expanded"), T(4, 3), "sum", "none"], [T(0, 3), T(0, 3), "sum", "sum"], [T(50, 1600), T(50, 1600), "mean"])
