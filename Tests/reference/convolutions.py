#!/usr/bin/env python3
"""Times PyTorch beside scripts/dev/bench_convolutions.lua, alternately on this machine, and prints Markdown tables."""

import argparse
import json
import os
import pathlib
import sys
import time

from compare import REPOSITORY, integers, machine, output_of


def milliseconds(body, seconds):
  """The least time of a call after two calls that warm up."""
  body()
  body()
  times, started = [], time.perf_counter()
  while len(times) < 5 or time.perf_counter() - started < seconds:
    before = time.perf_counter()
    body()
    times.append((time.perf_counter() - before) * 1e3)
  return min(times)


def operations(batch, seconds):
  import torch
  from torch import nn
  results = {}

  def measure(name, inputs, function):
    def forward():
      with torch.no_grad():
        function()
    results[f"{name} forward"] = milliseconds(forward, seconds)
    y = function()
    gradient = torch.rand_like(y)
    results[f"{name} backward"] = milliseconds(lambda: torch.autograd.grad(y, inputs, gradient, retain_graph=True), seconds)

  for inputs, outputs, side in (1, 10, 40), (10, 10, 40), (10, 1, 40), (10, 10, 20), (10, 5, 20), (5, 10, 20):
    layer = nn.Conv2d(inputs, outputs, 5, padding=2)
    x = torch.rand(batch, inputs, side, side, requires_grad=True)
    measure(f"conv2d {inputs} -> {outputs}, {side} x {side}", (x, layer.weight, layer.bias), lambda: layer(x))
  layer = nn.ConvTranspose2d(10, 10, 5, padding=2)
  x = torch.rand(batch, 10, 40, 40, requires_grad=True)
  measure("conv_transpose2d 10 -> 10, 40 x 40", (x, layer.weight, layer.bias), lambda: layer(x))
  for kernel in 3, 5:
    for inputs, outputs in (1, 10), (10, 10), (10, 5):
      strided = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, stride=2)
      images = torch.rand(batch, inputs, 40, 40, requires_grad=True)
      measure(f"conv2d {inputs} -> {outputs}, 40 x 40, {kernel} x {kernel} stride 2", (images, strided.weight, strided.bias), lambda: strided(images))
  unstrided = nn.ConvTranspose2d(10, 10, 5, padding=2, stride=2, output_padding=1)
  halved = torch.rand(batch, 10, 20, 20, requires_grad=True)
  measure("conv_transpose2d 10 -> 10, 20 x 20, 5 x 5 stride 2", (halved, unstrided.weight, unstrided.bias), lambda: unstrided(halved))
  large = torch.rand(1, 10, 400, 400, requires_grad=True)
  wide = nn.Conv2d(10, 10, 5, padding=2)
  measure("conv2d 10 -> 10, one image of 400 x 400", (large, wide.weight, wide.bias), lambda: wide(large))
  measure("avg_pool2d 2, 10 x 40 x 40", (x,), lambda: nn.functional.avg_pool2d(x, 2))
  measure("max_pool2d 2, 10 x 40 x 40", (x,), lambda: nn.functional.max_pool2d(x, 2))
  small = torch.rand(batch, 10, 20, 20, requires_grad=True)
  measure("upsample 2, 10 x 20 x 20", (small,), lambda: nn.functional.interpolate(small, scale_factor=2))
  return results


def child(options):
  import torch
  torch.set_num_threads(options.threads)
  torch.manual_seed(1)
  print(json.dumps(operations(options.batch, options.seconds)))


def least(runs):
  return {name: min(run[name] for run in runs) for name in runs[0]}


def compare(options):
  """Rounds of one run of each, so that a slow minute of the machine meets all of them."""
  os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
  environment = os.environ | {"JETLUA_THREADS": str(options.threads), "OMP_NUM_THREADS": str(options.threads)}

  def of(command, batch):
    return json.loads(output_of([*command, "--batch", batch, "--seconds", options.seconds], env=environment))

  own = [options.jetlua, REPOSITORY / "scripts/dev/bench_convolutions.lua"]
  theirs = [sys.executable, __file__, "--child", "--threads", options.threads]

  print(f"Least time of a call in ms, {options.threads} threads each, over {options.repetitions} processes of each side, which take turns. "
        "Backward is the gradient by input, weight and bias.\n")
  print("| batch | what | forward: jetlua | PyTorch | ratio | backward: jetlua | PyTorch | ratio |\n|---:|---|---:|---:|---:|---:|---:|---:|")
  for batch in options.batches:
    rounds = [(of(own, batch), of(theirs, batch)) for _ in range(options.repetitions)]
    ours, others = least([a for a, _ in rounds]), least([b for _, b in rounds])
    for name in [name.removesuffix(" forward") for name in others if name.endswith(" forward")]:
      cells = []
      for direction in "forward", "backward":
        a, b = ours[f"{name} {direction}"], others[f"{name} {direction}"]
        cells.append(f"{a:.2f} | {b:.2f} | {b / a:.2f}")
      print(f"| {batch} | {name} | {' | '.join(cells)} |", flush=True)
  print(f"\n{machine(options.jetlua, options.threads)}")


def main():
  parser = argparse.ArgumentParser(prog="bench convolutions", description=__doc__)
  parser.add_argument("--jetlua", type=pathlib.Path, help="the executable")
  parser.add_argument("--batches", type=integers, default=[100, 256])
  parser.add_argument("--repetitions", type=int, default=3)
  parser.add_argument("--seconds", type=float, default=1.0, help="how long each is measured")
  parser.add_argument("--threads", type=int, default=2)
  parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
  parser.add_argument("--batch", type=int, default=100, help=argparse.SUPPRESS)
  options = parser.parse_args()
  if options.child:
    child(options)
  elif options.jetlua is None:
    parser.error("--jetlua is missing")
  else:
    compare(options)


if __name__ == "__main__":
  main()
