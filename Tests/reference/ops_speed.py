#!/usr/bin/env python3
"""Times PyTorch's ops beside scripts/dev/bench_ops.lua, alternately on this machine, and prints a Markdown table."""

import argparse
import json
import os
import pathlib
import sys
import time

from compare import REPOSITORY, integers, machine, output_of


# Bytes that an op must read and write for each element, where memory may be what limits it.
MOVED = {
    "x + y": 12, "x * 2": 8, "x / y": 12, "m + row": 8, "x + y, float64": 24, "x + y, int64": 24, "maximum": 12, "pow 3": 8, "exp": 8, "exp, float64": 16,
    "log": 8, "sqrt": 8, "sin": 8, "tanh": 8, "sigmoid": 8, "relu": 8, "selu": 8, "gelu": 8, "clamp": 8, "x < y": 9, "where": 13, "add_": 12, "clone": 8,
    "to float64": 12, "zeros": 4, "transpose, contiguous": 8, "cat": 16, "index_select": 8, "gather": 16, "sum": 4, "sum, columns": 4, "mean, rows": 4,
    "var, rows": 4, "norm": 4, "max, rows": 4, "argmax": 4, "softmax": 8, "logsumexp": 4, "layer_norm": 8, "mse_loss": 8,
}


def nanoseconds(body, seconds):
  """Of a call: the fastest of eleven runs of as many calls as fit into a share of the time."""
  calls = 1

  def run():
    before = time.perf_counter()
    for _ in range(calls):
      body()
    return time.perf_counter() - before

  elapsed = run()
  while elapsed < seconds / 11 and calls < 1 << 24:
    calls = max(calls * 2, min(calls * 100, int(seconds / 11 / max(elapsed, 1e-9) * calls)))
    elapsed = run()
  return min(elapsed, *(run() for _ in range(11))) / calls * 1e9


def operations(n, seconds):
  import torch
  from torch.nn import functional
  side = round(n**0.5)
  x, y, signed = torch.rand(n) + 0.5, torch.rand(n) + 0.5, torch.randn(n)
  m, k = torch.randn(side, side), torch.randn(side, side)
  xd, yd = x.double(), y.double()
  xi, yi = torch.randint(1, 100, (n,)), torch.randint(1, 100, (n,))
  mask = signed > 0
  positions, places = torch.randint(0, side, (side,)), torch.randint(0, side, (side, side))
  few = min(5, side)
  weight, bias = torch.rand(side), torch.rand(side)
  target, own = y.clone(), x.clone()
  forward = {
      "x + y": lambda: x + y,
      "x * 2": lambda: x * 2,
      "x / y": lambda: x / y,
      "m + row": lambda: m + weight,
      "x + y, float64": lambda: xd + yd,
      "x + y, int64": lambda: xi + yi,
      "maximum": lambda: x.maximum(y),
      "pow 3": lambda: x**3,
      "exp": lambda: x.exp(),
      "exp, float64": lambda: xd.exp(),
      "log": lambda: x.log(),
      "sqrt": lambda: x.sqrt(),
      "sin": lambda: x.sin(),
      "tanh": lambda: signed.tanh(),
      "sigmoid": lambda: signed.sigmoid(),
      "relu": lambda: signed.relu(),
      "selu": lambda: functional.selu(signed),
      "gelu": lambda: functional.gelu(signed),
      "clamp": lambda: signed.clamp(-1, 1),
      "x < y": lambda: x.lt(y),
      "where": lambda: torch.where(mask, x, y),
      "add_": lambda: own.add_(y),
      "clone": lambda: x.clone(),
      "to float64": lambda: x.to(torch.float64),
      "zeros": lambda: torch.zeros(n),
      "transpose, contiguous": lambda: m.t().contiguous(),
      "reshape": lambda: x.reshape(side, side),
      "select": lambda: m.select(0, 0),
      "cat": lambda: torch.cat((x, y), 0),
      "index_select": lambda: m.index_select(0, positions),
      "gather": lambda: m.gather(1, places),
      "sum": lambda: x.sum(),
      "sum, columns": lambda: m.sum(0),
      "mean, rows": lambda: m.mean(1),
      "var, rows": lambda: m.var(1),
      "norm": lambda: torch.linalg.vector_norm(x),
      "max, rows": lambda: m.max(1),
      "argmax": lambda: x.argmax(),
      "cumsum, columns": lambda: m.cumsum(0),
      "softmax": lambda: m.softmax(1),
      "logsumexp": lambda: m.logsumexp(1),
      "sort": lambda: m.sort(1),
      "topk 5": lambda: m.topk(few, 1),
      "matmul": lambda: m.matmul(k),
      "layer_norm": lambda: functional.layer_norm(m, (side,), weight, bias),
      "mse_loss": lambda: functional.mse_loss(x, target),
  }
  results = {}
  with torch.no_grad():
    for name, body in forward.items():
      results[name] = nanoseconds(body, seconds)

  def leaf(t):
    return t.clone().requires_grad_(True)

  a, b, p, q = leaf(signed), leaf(y), leaf(m), leaf(k)
  ones, square, line, number = torch.ones(n), torch.ones(side, side), torch.ones(side), torch.ones(())
  backward = {
      "x * y": ((a, b), ones, lambda: a * b),
      "exp": ((a,), ones, lambda: a.exp()),
      "tanh": ((a,), ones, lambda: a.tanh()),
      "selu": ((a,), ones, lambda: functional.selu(a)),
      "sum": ((a,), number, lambda: a.sum()),
      "mean, rows": ((p,), line, lambda: p.mean(1)),
      "softmax": ((p,), square, lambda: p.softmax(1)),
      "matmul": ((p, q), square, lambda: p.matmul(q)),
      "cumsum, columns": ((p,), square, lambda: p.cumsum(0)),
      "mse_loss": ((a,), number, lambda: functional.mse_loss(a, target)),
  }
  for name, (inputs, gradient, body) in backward.items():
    results[f"{name} and gradient"] = nanoseconds(lambda: torch.autograd.grad(body(), inputs, gradient), seconds)
  return results


def limits(threads, elements):
  """What the machine can do, by PyTorch's own loops: bytes read and written a nanosecond by a copy of as many numbers, exponentials a nanosecond."""
  import torch
  torch.set_num_threads(threads)
  large, small = torch.rand(elements), torch.rand(1 << 16)
  target, out = torch.empty_like(large), torch.empty_like(small)
  copy = 2 * 4 * large.numel() / nanoseconds(lambda: target.copy_(large), 0.5)
  rate = small.numel() / nanoseconds(lambda: torch.exp(small, out=out), 0.2)
  return copy, rate


def child(options):
  import torch
  torch.set_num_threads(options.threads)
  torch.manual_seed(1)
  print(json.dumps(operations(options.elements, options.seconds)))


def count(nanoseconds):
  return f"{nanoseconds:,.0f}" if nanoseconds < 1e5 else f"{nanoseconds / 1e3:,.0f} k"


def compare(options):
  """Rounds of one run of each, so that a slow minute of the machine meets both."""
  os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
  environment = os.environ | {"JETLUA_THREADS": str(options.threads), "OMP_NUM_THREADS": str(options.threads)}
  rows = {}
  for elements in options.sizes:
    ours, theirs = {}, {}
    for _ in range(options.repetitions):
      for best, command in (
          (ours, [options.jetlua, REPOSITORY / "scripts/dev/bench_ops.lua"]),
          (theirs, [sys.executable, __file__, "--child", "--threads", options.threads])):
        run = json.loads(output_of([*command, "--elements", elements, "--seconds", options.seconds], env=environment))
        for name, value in run.items():
          best[name] = min(value, best.get(name, value))
    for name, value in theirs.items():
      rows.setdefault(name, []).append((ours[name], value))
  print(f"Nanoseconds of a call, {options.threads} threads each: fastest of eleven runs in each of {options.repetitions} processes of each side, "
        "which take turns; a ratio above 1 means that jetlua is faster. Tensors of float32 with as many elements as the head says, x and y of "
        "one dimension, m square; outside autograd, and with the gradient by all inputs where the name says so.\n")
  print("| op | " + " | ".join(f"{n:,}: jetlua | PyTorch | ratio" for n in options.sizes) + " |")
  print("|---|" + "---:|" * 3 * len(options.sizes))
  for name, cells in rows.items():
    print(f"| {name} | " + " | ".join(f"{count(a)} | {count(b)} | {b / a:.2f}" for a, b in cells) + " |")
  slower = [f"{name} ({n:,}: {b / a:.2f})" for name, cells in rows.items() for n, (a, b) in zip(options.sizes, cells) if b < a]
  print(f"\nSlower than PyTorch: {', '.join(slower) or 'none'}.")
  largest = max(options.sizes)
  copy, rate = limits(options.threads, largest)
  print(f"\nOf this machine, by PyTorch's loops: copying {largest:,} numbers into memory in use moves {copy:.1f} GB/s (read and written), exp of 65,536 "
        f"numbers {rate:.1f} G/s. What the ops on {largest:,} numbers must move, beside that copy; where the share is small, arithmetic is the limit, or we are:\n")
  print("| op | bytes a number | jetlua GB/s | of the copy | PyTorch GB/s | of the copy |\n|---|---:|---:|---:|---:|---:|")
  for name, bytes_moved in MOVED.items():
    ours, theirs = (bytes_moved * largest / time for time in rows[name][options.sizes.index(largest)])
    print(f"| {name} | {bytes_moved} | {ours:.1f} | {ours / copy:.2f} | {theirs:.1f} | {theirs / copy:.2f} |")
  print(f"\n{machine(options.jetlua, options.threads)}")


def main():
  parser = argparse.ArgumentParser(prog="bench ops", description=__doc__)
  parser.add_argument("--jetlua", type=pathlib.Path, help="the executable")
  parser.add_argument("--sizes", type=integers, default=[1, 100, 10_000, 1_000_000], help="numbers in the tensors")
  parser.add_argument("--repetitions", type=int, default=3)
  parser.add_argument("--seconds", type=float, default=0.02, help="how long each op is measured in a process")
  parser.add_argument("--threads", type=int, default=2)
  parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
  parser.add_argument("--elements", type=int, default=100, help=argparse.SUPPRESS)
  options = parser.parse_args()
  if options.child:
    child(options)
  elif options.jetlua is None:
    parser.error("--jetlua is missing")
  else:
    compare(options)


if __name__ == "__main__":
  main()
