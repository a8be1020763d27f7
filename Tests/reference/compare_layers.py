"""Compares layers, losses, functional forms and optimizers of jetlua with PyTorch and writes a Markdown table.

The lists of layers, losses and optimizers come from jetlua itself: one without a comparison is a failure. The reference is PyTorch
in float64 at the same numbers (rounded to float32 where jetlua computes in that); an error is the largest difference divided by
the largest magnitude of the result. Layers take over PyTorch's state_dict by its own names.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import warnings
import zlib
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F

TOLERANCE = {"float64": 1e-10, "float32": 1e-5}
# Compared where their ops are, in op_cases.py and convolutions.py.
ELSEWHERE = {"Conv2d", "ConvTranspose2d", "AvgPool2d", "MaxPool2d", "Upsample"}
STEPS = 6


class Drawn:
  """A tensor for both sides: the numbers, and whether gradients are compared."""

  def __init__(self, random, shape, low=-2.0, high=2.0, grad=True, dtype="float64", whole=None):
    if whole is not None:
      self.array, self.dtype, self.grad = random.integers(*whole, shape, endpoint=True), "int64", False
      self.leaf = torch.tensor(self.array)
      return
    array = random.uniform(low, high, shape)
    self.array = array.astype(numpy.float32).astype(numpy.float64) if dtype == "float32" else array
    self.dtype, self.grad = dtype, grad
    self.leaf = torch.tensor(self.array, dtype=torch.float64, requires_grad=grad)


def packed(array):
  flat = numpy.asarray(array).reshape(-1)
  return flat.astype("<i8" if flat.dtype.kind in "iu" else "<f8").tobytes().hex()


def described(value, shift=0):
  """A value as JSON for the Lua side; `shift` is added to whole numbers, whose classes count from 1 there."""
  if isinstance(value, Drawn):
    array = value.array + shift if value.dtype == "int64" else value.array
    return {"data": packed(array), "shape": list(value.array.shape), "dtype": value.dtype, "grad": value.grad}
  return value


def reference(value):
  return value.leaf if isinstance(value, Drawn) else value


class Job:
  """One call: what goes to jetlua, and PyTorch's values and gradients."""

  def __init__(self, name, label, dtype, call, values, gradients):
    self.name, self.label, self.dtype, self.call, self.values, self.gradients = name, label, dtype, call, values, gradients


def generator(*what):
  return numpy.random.default_rng(zlib.crc32(repr(what).encode()))


def differentiated(random, result, leaves, dtype):
  """The numbers that the result's gradient is seeded with; the leaves get theirs."""
  seed = Drawn(random, tuple(result.shape), -1, 1, grad=False, dtype=dtype)
  if result.requires_grad:
    result.backward(seed.leaf)
  return described(seed), [leaf.grad for leaf in leaves]


# --- layers ---

def part(name, *arguments, **options):
  """A layer on both sides: PyTorch's module and the Lua constructor; dimensions are given as PyTorch counts them, None is false there."""
  module = getattr(torch.nn, name)(*arguments, **options)
  arguments = [a + 1 if name in ("Flatten", "Softmax", "LogSoftmax", "Unflatten") and isinstance(a, int) and a >= 0 else a for a in arguments]
  options = {key: False if value is None else value + 1 if key == "dim" and value >= 0 else value for key, value in options.items()}
  return module.double(), {"class": name, "arguments": [list(a) if isinstance(a, tuple) else a for a in arguments], "options": options}


def sequential(*parts):
  return torch.nn.Sequential(*(module for module, _ in parts)), {"class": "Sequential", "parts": [description for _, description in parts]}


IMAGES = [(4, 3, 5, 5), (2, 3, 1, 7), (7, 3, 4, 4), (2, 3, 16, 16), (3, 3, 2, 9)]
ROWS = [(4, 6), (1, 6), (9, 6), (2, 3, 6), (33, 6)]
# Two values of a channel become ±1 whatever they are: their gradient is what rounding leaves.
CHANNELS = [(4, 6), (3, 6), (9, 6, 5), (5, 6, 1), (33, 6, 17)]
ANY = [(7,), (3, 4), (2, 3, 5), (1, 1), (6, 40)]
LAYERS = [
  (lambda: part("Linear", 6, 4), ROWS), (lambda: part("Linear", 6, 33, bias=False), ROWS),
  (lambda: part("BatchNorm1d", 6), CHANNELS), (lambda: part("BatchNorm1d", 6, momentum=0.7, eps=0.1), CHANNELS),
  (lambda: part("BatchNorm1d", 6, momentum=None), CHANNELS),
  (lambda: part("BatchNorm1d", 6, affine=False), CHANNELS), (lambda: part("BatchNorm1d", 6, track_running_stats=False), CHANNELS),
  (lambda: part("BatchNorm2d", 3), IMAGES), (lambda: part("BatchNorm2d", 3, affine=False, track_running_stats=False), IMAGES),
  (lambda: part("LayerNorm", 6), ROWS), (lambda: part("LayerNorm", (3, 6), eps=0.01), [(2, 3, 6), (3, 6), (1, 3, 6), (4, 2, 3, 6), (5, 3, 6)]),
  (lambda: part("LayerNorm", 6, elementwise_affine=False), ROWS), (lambda: part("LayerNorm", 6, bias=False), ROWS),
  (lambda: part("Dropout", 0.0), ANY), (lambda: part("Flatten"), IMAGES), (lambda: part("Flatten", 0, 1), IMAGES),
  (lambda: part("Unflatten", 1, (2, 3)), [(4, 6), (1, 6), (9, 6), (2, 6, 3), (5, 6, 2, 2)]),
  *((lambda name=name: part(name), ANY) for name in ("ReLU", "LeakyReLU", "ELU", "SELU", "GELU", "Softplus", "Sigmoid", "Tanh")),
  (lambda: part("LeakyReLU", 0.3), ANY), (lambda: part("ELU", 0.7), ANY), (lambda: part("Softplus", 2.0, 5.0), ANY),
  (lambda: part("Softmax", dim=-1), ANY), (lambda: part("Softmax", dim=0), ANY), (lambda: part("LogSoftmax", dim=-1), ANY), (lambda: part("LogSoftmax", dim=0), ANY),
  # A bias in front of a batch norm has a gradient of 0.
  (lambda: sequential(part("Linear", 6, 8, bias=False), part("BatchNorm1d", 8), part("SELU"), part("Linear", 8, 5), part("LayerNorm", 5), part("Sigmoid")),
   [(4, 6), (5, 6), (9, 6), (33, 6), (128, 6)]),
]


def layer_jobs():
  for number, (make, shapes) in enumerate(LAYERS):
    for shape in shapes:
      for training in (True, False):
        for dtype in TOLERANCE:
          random = generator("layer", number, shape, training)
          module, description = make()
          module.train(training)
          for name, tensor in module.state_dict().items():
            if tensor.is_floating_point():
              positive = name.endswith("running_var")
              tensor.copy_(Drawn(random, tuple(tensor.shape), *((0.5, 2) if positive else (-1, 1)), dtype=dtype).leaf.detach())
          # Parts of a Sequential count from 1 there.
          there = (lambda name: ".".join(str(int(s) + 1) if s.isdigit() else s for s in name.split(".")))
          state = {there(name): {"data": packed(t.numpy()), "shape": list(t.shape), "dtype": dtype if t.is_floating_point() else "int64"}
                   for name, t in module.state_dict().items()}
          x = Drawn(random, shape, dtype=dtype)
          result = module(x.leaf)
          parameters = dict(module.named_parameters())
          seed, gradients = differentiated(random, result, [x.leaf, *parameters.values()], dtype)
          buffers = dict(module.named_buffers())
          call = {"kind": "layer", "layer": description, "state": state, "training": training, "dtype": dtype, "arguments": [described(x)],
                  "parameters": [there(name) for name in parameters], "buffers": [there(name) for name in buffers], "seed": seed}
          label = f"{description.get('arguments', '')} {description.get('options', '')} {shape} {'training' if training else 'evaluation'}"
          yield Job("nn." + description["class"], label, dtype, call, [result, *buffers.values()], gradients)


# --- losses and functional forms ---

def gaussian_kl(mu, logvar, m=None, v=None, reduction="mean"):
  m, v = torch.zeros(mu.shape[-1]) if m is None else m, torch.ones(mu.shape[-1]) if v is None else v
  prior = torch.distributions.Normal(m.double(), v.double().sqrt())
  kl = torch.distributions.kl_divergence(torch.distributions.Normal(mu, (logvar / 2).exp()), prior).sum(-1)
  return {"mean": kl.mean, "sum": kl.sum, "none": lambda: kl}[reduction]()


def mixture_nll(r, weight, x, reduction="mean"):
  return F.cross_entropy(r @ weight.t(), x, reduction=reduction)


def squared_error(x, target, over="sum", reduction="mean"):
  each = (x - target) ** 2
  rows = each.sum(1) if over == "sum" else each.mean(1)
  return {"mean": rows.mean, "sum": rows.sum, "none": lambda: rows}[reduction]()


def rows_of_images(random, dtype):
  for shape in [(4, 10), (1, 7), (9, 16), (5, 1), (3, 40)]:
    for reduction in ("mean", "sum", "none"):
      for over in ("sum", "mean"):
        yield squared_error, [Drawn(random, shape, dtype=dtype), Drawn(random, shape, dtype=dtype)], {"over": over, "reduction": reduction}


def distance_correlation(x, y, weight=None, squared=False):
  """From all pairs, doubly centred."""
  u = torch.ones_like(x) if weight is None else weight.to(x.dtype)
  u = u / u.sum()

  def centred(v):
    d = (v[:, None] - v[None, :]).abs()
    row = d @ u
    return d - row[:, None] - row[None, :] + row @ u

  a, b = centred(x), centred(y)
  square = (u @ (a * b) @ u) / ((u @ (a * a) @ u) * (u @ (b * b) @ u)).sqrt()
  return square if squared else square.sqrt()


def pairs_of_columns(random, dtype):
  for count in (5, 9, 30, 100, 300):
    for squared in (False, True):
      for weighted in (False, True):
        columns = [Drawn(random, (count,), dtype=dtype), Drawn(random, (count,), dtype=dtype)]
        weight = {"weight": Drawn(random, (count,), 0.5, 2, grad=False, dtype=dtype)} if weighted else {}
        yield distance_correlation, columns, {"squared": squared, **weight}


SHAPES = [(5,), (3, 4), (2, 3, 4), (1, 7), (16, 9)]
CLASSES = [(4, 3), (1, 5), (9, 2), (6, 3, 4), (2, 4, 3, 3)]


def element(f, options=({},), x=(-2, 2), t=(-2, 2), weights=False, positive=False):
  """Calls of a loss of elements: every reduction with every set of options on every shape."""
  def cases(random, dtype):
    for shape in SHAPES:
      for reduction in ("mean", "sum", "none"):
        for own in options:
          drawn = {}
          if weights:
            drawn["weight"] = Drawn(random, shape[-1:], 0.5, 2, grad=False, dtype=dtype)
          if positive:
            drawn["pos_weight"] = Drawn(random, shape[-1:], 0.5, 4, grad=False, dtype=dtype)
          yield f, [Drawn(random, shape, *x, dtype=dtype), Drawn(random, shape, *t, dtype=dtype)], {"reduction": reduction, **own, **drawn}
  return cases


def class_target(f, logarithms=False, smoothing=(0.0,), probabilities=False):
  def cases(random, dtype):
    for shape in CLASSES:
      for reduction in ("mean", "sum", "none"):
        for s in smoothing:
          for weighted in (False, True):
            for ignoring in (False, True):
              if ignoring and (probabilities or shape[0] < 2):
                continue
              x = Drawn(random, shape, *((-4, -0.1) if logarithms else (-2, 2)), dtype=dtype)
              if probabilities:
                target = Drawn(random, shape, 0.05, 1, dtype=dtype)
              else:
                target = Drawn(random, shape[:1] + shape[2:], whole=(0, shape[1] - 1))
              options = {"reduction": reduction}
              if weighted:
                options["weight"] = Drawn(random, (shape[1],), 0.5, 2, grad=False, dtype=dtype)
              if ignoring:
                options["ignore_index"] = 1
              if s:
                options["label_smoothing"] = s
              yield f, [x, target], options
  return cases


def divergences(random, dtype):
  for shape in [(4, 2), (1, 3), (7, 1), (2, 5, 3), (30, 10)]:
    for reduction in ("mean", "sum", "none"):
      for given in (False, True):
        pair = [Drawn(random, shape, dtype=dtype), Drawn(random, shape, dtype=dtype)]
        prior = [Drawn(random, shape[-1:], dtype=dtype), Drawn(random, shape[-1:], 0.5, 2, dtype=dtype)] if given else []
        yield gaussian_kl, pair + prior, {"reduction": reduction}


def mixtures(random, dtype):
  for n, pixels, count in [(4, 6, 2), (1, 5, 3), (9, 16, 1), (12, 40, 2), (3, 33, 5)]:
    for reduction in ("mean", "sum", "none"):
      yield mixture_nll, [Drawn(random, (n, count), 0, 1, dtype=dtype), Drawn(random, (pixels, count), dtype=dtype),
                          Drawn(random, (n, pixels), 0, 1, grad=False, dtype=dtype)], {"reduction": reduction}


LOSSES = {
  "mse_loss": [element(F.mse_loss)], "l1_loss": [element(F.l1_loss)],
  "huber_loss": [element(F.huber_loss, [{}, {"delta": 0.3}, {"delta": 2.0}])],
  "binary_cross_entropy": [element(F.binary_cross_entropy, x=(0.05, 0.95), t=(0, 1)), element(F.binary_cross_entropy, x=(0.05, 0.95), t=(0, 1), weights=True)],
  "binary_cross_entropy_with_logits": [
    element(F.binary_cross_entropy_with_logits, t=(0, 1)), element(F.binary_cross_entropy_with_logits, t=(0, 1), x=(-60, 60)),
    element(F.binary_cross_entropy_with_logits, t=(0, 1), weights=True), element(F.binary_cross_entropy_with_logits, t=(0, 1), positive=True),
    element(F.binary_cross_entropy_with_logits, t=(0, 1), weights=True, positive=True)],
  "kl_div": [element(F.kl_div, t=(0.05, 1)), element(F.kl_div, [{"log_target": True}], t=(-3, 0)), element(F.kl_div, [{"reduction": "batchmean"}], t=(0.05, 1))],
  "cross_entropy": [class_target(F.cross_entropy, smoothing=(0.0, 0.15)), class_target(F.cross_entropy, smoothing=(0.0, 0.3), probabilities=True)],
  "nll_loss": [class_target(F.nll_loss, logarithms=True)],
  "gaussian_kl": [divergences], "mixture_nll": [mixtures], "squared_error": [rows_of_images], "distance_correlation": [pairs_of_columns],
}


def norm_forms(random, dtype):
  def draw(*shape, **limits):
    return Drawn(random, shape, dtype=dtype, **limits)
  for shape in [(4, 6), (3, 2, 6), (1, 6), (5, 6), (2, 2, 2, 6)]:
    yield "layer_norm", F.layer_norm, [draw(*shape), [6], draw(6), draw(6)], {"eps": 0.01}
    yield "layer_norm", F.layer_norm, [draw(*shape), [6]], {}
  for shape in [(4, 3), (5, 3, 4), (2, 3, 4, 4), (2, 3, 2), (17, 3)]:
    statistics = [draw(3, grad=False), draw(3, low=0.5, high=2, grad=False)]
    yield "batch_norm", F.batch_norm, [draw(*shape), *statistics, draw(3), draw(3)], {"training": False, "eps": 0.1}
    yield "batch_norm", F.batch_norm, [draw(*shape), None, None, draw(3), draw(3)], {"training": True}
  for shape in ROWS:
    yield "linear", F.linear, [draw(*shape), draw(4, 6), draw(4)], {}
    yield "linear", F.linear, [draw(*shape), draw(4, 6)], {}
  for name in ("relu", "leaky_relu", "elu", "selu", "gelu", "softplus", "sigmoid", "tanh"):
    for shape in ANY:
      yield name, getattr(torch, name, None) or getattr(F, name), [draw(*shape)], {}
  for name in ("softmax", "log_softmax"):
    for shape in ANY:
      yield name, lambda x, d, name=name: getattr(F, name)(x, d), [draw(*shape), -1], {}


def call_job(kind, name, f, arguments, options, random, dtype):
  leaves = [a.leaf for a in arguments if isinstance(a, Drawn)] + [o.leaf for o in options.values() if isinstance(o, Drawn)]
  result = f(*(reference(a) for a in arguments), **{key: reference(o) for key, o in options.items()})
  seed, gradients = differentiated(random, result, leaves, dtype)
  shifted = {key: described(o) + 1 if key == "ignore_index" else described(o) for key, o in options.items()}
  call = {"kind": kind, "name": name, "arguments": [described(a, shift=1) for a in arguments], "options": shifted, "seed": seed}
  shapes = [list(a.array.shape) if isinstance(a, Drawn) else a for a in arguments]
  label = f"{shapes} { {key: list(o.array.shape) if isinstance(o, Drawn) else o for key, o in options.items()} }"
  return Job(f"nn.{name}" if kind == "loss" else f"nn.functional.{name}", label, dtype, call, [result], gradients)


def loss_jobs():
  for dtype in TOLERANCE:
    for name, families in LOSSES.items():
      for number, family in enumerate(families):
        random = generator("loss", name, number)
        for f, arguments, options in family(random, dtype):
          yield call_job("loss", name, f, arguments, options, random, dtype)
    random = generator("functional")
    for name, f, arguments, options in norm_forms(random, dtype):
      yield call_job("functional", name, f, arguments, options, random, dtype)


# --- optimizers ---

OPTIMIZERS = [
  ("SGD", {}, None), ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01, "dampening": 0.2}, None), ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}, None),
  ("SGD", {"lr": 0.1, "momentum": 0.5, "maximize": True}, None), ("SGD", {"lr": 0.1}, [{"momentum": 0.9}, {"lr": 0.01}]),
  ("Adam", {}, None), ("Adam", {"lr": 0.05, "betas": [0.8, 0.95], "weight_decay": 0.1}, None), ("Adam", {"lr": 0.05, "amsgrad": True}, None),
  ("Adam", {"lr": 0.05, "maximize": True}, None), ("Adam", {"lr": 0.05}, [{}, {"lr": 0.2, "eps": 1e-3}]),
  ("AdamW", {}, None), ("AdamW", {"lr": 0.05, "weight_decay": 0.3}, None), ("AdamW", {"lr": 0.05, "amsgrad": True, "maximize": True}, None),
  ("AdamW", {"lr": 0.05}, [{"weight_decay": 0.0}, {"weight_decay": 0.5}]),
  ("RMSprop", {}, None), ("RMSprop", {"lr": 0.02, "alpha": 0.9, "weight_decay": 0.1}, None), ("RMSprop", {"lr": 0.02, "centered": True, "momentum": 0.5}, None),
  ("RMSprop", {"maximize": True}, None), ("RMSprop", {}, [{"momentum": 0.5}, {"lr": 0.1}]),
]
SIZES = [[(3, 2), (3,)], [(1, 1), (1,)], [(7, 5), (2, 3, 4)], [(20, 33), (33,)], [(4, 3, 5, 5), ()]]


def optimizer_jobs():
  for dtype in TOLERANCE:
    for number, (name, options, groups) in enumerate(OPTIMIZERS):
      for shapes in SIZES:
        random = generator("optimizer", number, shapes)
        start = [Drawn(random, shape, dtype=dtype) for shape in shapes]
        gradients = [[Drawn(random, shape, grad=False, dtype=dtype) for shape in shapes] for _ in range(STEPS)]
        # In float32 the rule is followed in float32: what is compared is the rule, not how rounding grows along a trajectory.
        weights = [torch.nn.Parameter(s.leaf.detach().clone()) for s in start]
        given = [{"params": [p], **own} for p, own in zip(weights, groups)] if groups else weights
        optimizer = getattr(torch.optim, name)(given, **options)
        values = []
        for step in gradients:
          for p, g in zip(weights, step):
            p.grad = g.leaf.clone()
          optimizer.step()
          values += [p.detach().clone() for p in weights]
        call = {"kind": "optimizer", "name": name, "options": options, "parameters": [{**described(s), "grad": False} for s in start],
                "gradients": [[described(g) for g in step] for step in gradients]} | ({"groups": groups} if groups else {})
        yield Job("optim." + name, f"{options} {groups or ''} {shapes}", dtype, call, values, [])


# --- comparison ---

def numbers(answer):
  raw = bytes.fromhex(answer["data"])
  return numpy.frombuffer(raw, dtype="<i8" if answer["dtype"] == "int64" else "<f8").astype(float).reshape(answer["shape"])


def error(got, wanted):
  wanted = wanted.detach().double().numpy()
  if got.size == 0:
    return 0.0
  same = (got == wanted) | (numpy.isnan(got) & numpy.isnan(wanted))
  largest = numpy.abs(wanted[numpy.isfinite(wanted)]).max(initial=0.0)
  with numpy.errstate(invalid="ignore"):
    return float(numpy.where(same, 0, numpy.abs(got - wanted)).max() / max(largest, 1e-3))


def compare(jetlua):
  replay = str(Path(__file__).with_name("replay_layers.lua"))
  names = json.loads(subprocess.run([jetlua, replay, "--names"], check=True, stdout=subprocess.PIPE).stdout)
  jobs = [*layer_jobs(), *loss_jobs(), *optimizer_jobs()]
  covered = {job.name for job in jobs}
  problems = [f"{name}: no comparison with PyTorch; add one to Tests/reference/compare_layers.py"
              for name in ["nn." + n for n in names["layers"] if n not in ELSEWHERE] + ["nn." + n for n in names["losses"]] + ["optim." + n for n in names["optimizers"]]
              if name not in covered]
  with tempfile.TemporaryDirectory() as folder:
    calls, results = Path(folder, "calls"), Path(folder, "results")
    calls.write_text("".join(json.dumps(job.call) + "\n" for job in jobs))
    subprocess.run([jetlua, replay, calls, results], check=True)
    answers = [json.loads(line) for line in results.read_text().splitlines()]
  rows = {}
  for job, answer in zip(jobs, answers, strict=True):
    where = f"{job.name} {job.label} {job.dtype}"
    row = rows.setdefault(job.name, {"calls": set(), "value": {}, "gradient": {}})
    row["calls"].add(job.label)
    if "error" in answer:
      problems.append(f"{where}: {answer['error']}")
      continue
    for what, got, wanted in ([("value", *pair) for pair in zip(answer["values"], job.values, strict=True)]
                              + [("gradient", *pair) for pair in zip(answer["gradients"], job.gradients, strict=True)]):
      if wanted is None:
        continue
      if got is None:
        if float(wanted.abs().max()) > 0:
          problems.append(f"{where}: {what}: jetlua has none")
        continue
      if list(got["shape"]) != list(wanted.shape):
        problems.append(f"{where}: {what} of shape {got['shape']}, PyTorch's {list(wanted.shape)}")
        continue
      if got["dtype"] != ("int64" if wanted.dtype == torch.int64 else job.dtype):
        problems.append(f"{where}: {what} of type {got['dtype']}")
      e = error(numbers(got), wanted)
      row[what][job.dtype] = max(row[what].get(job.dtype, 0.0), e)
      if not e <= TOLERANCE[job.dtype]:
        problems.append(f"{where}: {what} differs by {e:.3g}")
  for name, row in rows.items():
    if len(row["calls"]) < 5:
      problems.append(f"{name}: {len(row['calls'])} calls are compared, expected at least 5")
  return rows, problems


def table(rows):
  def cell(row, what, dtype):
    value = row[what].get(dtype)
    return "–" if value is None else "0" if value == 0 else f"{value:.1e}"
  lines = ["| what | calls | value float64 | value float32 | gradient float64 | gradient float32 |", "|---|---:|---:|---:|---:|---:|"]
  for name, row in rows.items():
    cells = " | ".join(cell(row, what, dtype) for what in ("value", "gradient") for dtype in TOLERANCE)
    lines.append(f"| `{name}` | {len(row['calls'])} | {cells} |")
  return "\n".join(lines)


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--jetlua", required=True, help="the executable")
  options = parser.parse_args()
  torch.set_num_threads(1)
  warnings.simplefilter("ignore")
  rows, problems = compare(options.jetlua)
  print(table(rows))
  for problem in problems:
    print("compare-torch:", problem, file=sys.stderr)
  print(f"compare-torch: {len(rows)} layers, losses, functions and optimizers, {sum(len(r['calls']) for r in rows.values())} calls in two types, {len(problems)} problems", file=sys.stderr)
  sys.exit(bool(problems))


if __name__ == "__main__":
  main()
