#!/usr/bin/env python3
"""Times PyTorch beside scripts/dev/bench_convolutions.lua, alternately on this machine, and prints Markdown tables."""

import argparse
import json
import os
import pathlib
import statistics
import sys
import time

from compare import REPOSITORY, integers, machine, output_of


def milliseconds(body, seconds, statistic=min):
  """The least time of a call after two calls that warm up, or another statistic of the times."""
  body()
  body()
  times, started = [], time.perf_counter()
  while len(times) < 5 or time.perf_counter() - started < seconds:
    before = time.perf_counter()
    body()
    times.append((time.perf_counter() - before) * 1e3)
  return statistic(times)


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


def training(batch, seconds, compiled):
  import torch
  from torch import nn

  def conv(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 5, padding=2)

  encoder = nn.Sequential(
    conv(1, 10), nn.SELU(), conv(10, 10), nn.SELU(), nn.AvgPool2d(2), conv(10, 10), nn.SELU(), conv(10, 5), nn.SELU(),
    nn.Flatten(), nn.Linear(2000, 100), nn.SELU(), nn.Linear(100, 2))
  decoder = nn.Sequential(
    nn.Linear(1, 100), nn.SELU(), nn.Linear(100, 2000), nn.SELU(), nn.Unflatten(1, (5, 20, 20)), conv(5, 10), nn.SELU(), conv(10, 10), nn.SELU(),
    nn.Upsample(scale_factor=2), conv(10, 10), nn.SELU(), conv(10, 1))
  adam = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3, fused=True)
  images = torch.relu(torch.rand(batch, 1600) - 0.975)
  images = (images / images.sum(1, keepdim=True)).reshape(batch, 1, 40, 40)

  def loss_of(images, noise):
    mu, logvar = encoder(images).split(1, dim=1)
    z = mu + (logvar / 2).exp() * noise
    kl = 0.5 * (logvar.exp() + mu**2 - 1 - logvar).sum(1).mean()
    return nn.functional.mse_loss(decoder(z), images, reduction="sum") / batch + 1e-4 * kl

  loss_of = torch.compile(loss_of) if compiled else loss_of

  def step():
    adam.zero_grad()
    loss_of(images, torch.randn(batch, 1)).backward()
    adam.step()

  return {"training step": milliseconds(step, seconds, statistics.median)}


def child(options):
  import torch
  torch.set_num_threads(options.threads)
  torch.manual_seed(1)
  if options.part == "ops":
    results = operations(options.batch, options.seconds)
  else:
    results = training(options.batch, options.seconds, options.compile)
  print(json.dumps(results))


def least(runs):
  return {name: min(run[name] for run in runs) for name in runs[0]}


def compare(options):
  """Rounds of one run of each, so that a slow minute of the machine meets all of them."""
  os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
  environment = os.environ | {"JETLUA_THREADS": str(options.threads), "OMP_NUM_THREADS": str(options.threads)}

  def own(part, batch):
    return json.loads(output_of([options.jetlua, REPOSITORY / "scripts/dev/bench_convolutions.lua", "--part", part, "--batch", batch,
                                 "--seconds", options.seconds], env=environment))

  def theirs(part, batch, *more):
    return json.loads(output_of([sys.executable, __file__, "--child", "--part", part, "--batch", batch, "--seconds", options.seconds,
                                 "--threads", options.threads, *more], env=environment))

  print(f"Least time of a call in ms, {options.threads} threads each, over {options.repetitions} processes of each side, which take turns. "
        "Backward is the gradient by input, weight and bias.\n")
  print("| batch | what | forward: jetlua | PyTorch | ratio | backward: jetlua | PyTorch | ratio |\n|---:|---|---:|---:|---:|---:|---:|---:|")
  for batch in options.batches:
    rounds = [(own("ops", batch), theirs("ops", batch)) for _ in range(options.repetitions)]
    ours, others = least([a for a, _ in rounds]), least([b for _, b in rounds])
    for name in [name.removesuffix(" forward") for name in others if name.endswith(" forward")]:
      cells = []
      for direction in "forward", "backward":
        a, b = ours[f"{name} {direction}"], others[f"{name} {direction}"]
        cells.append(f"{a:.2f} | {b:.2f} | {b / a:.2f}")
      print(f"| {batch} | {name} | {' | '.join(cells)} |", flush=True)
  print("\nA training step of the convolutional VAE (5 x 5 convolutions of 10, 10, average pool, 10, 5 filters, 100, SELU, mirrored; sum of "
        "squares and KL; Adam), in jets per second: median over the processes of the median step, with the smallest and largest.\n")
  print("| batch | what | jets/s | min – max | of the best PyTorch form |\n|---:|---|---:|---:|---:|")
  for batch in options.batches:
    rates = {"jetlua": [], "PyTorch eager": [], "PyTorch torch.compile": []}
    for _ in range(options.repetitions):
      for name, result in ("jetlua", own("training", batch)), ("PyTorch eager", theirs("training", batch)), (
          "PyTorch torch.compile", theirs("training", batch, "--compile")):
        rates[name].append(batch / result["training step"] * 1e3)
    best = max(statistics.median(values) for name, values in rates.items() if name != "jetlua")
    for name, values in rates.items():
      median = statistics.median(values)
      print(f"| {batch} | {name} | {median:,.0f} | {min(values):,.0f} – {max(values):,.0f} | {median / best:.2f} |", flush=True)
  print(f"\n{machine(options.jetlua, options.threads)}")


def main():
  parser = argparse.ArgumentParser(prog="bench_convolutions", description=__doc__)
  parser.add_argument("--jetlua", type=pathlib.Path, help="the executable")
  parser.add_argument("--batches", type=integers, default=[100, 256])
  parser.add_argument("--repetitions", type=int, default=3)
  parser.add_argument("--seconds", type=float, default=1.0, help="how long each is measured")
  parser.add_argument("--threads", type=int, default=2)
  parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
  parser.add_argument("--part", default="ops", help=argparse.SUPPRESS)
  parser.add_argument("--batch", type=int, default=100, help=argparse.SUPPRESS)
  parser.add_argument("--compile", action="store_true", help=argparse.SUPPRESS)
  options = parser.parse_args()
  if options.child:
    child(options)
  elif options.jetlua is None:
    parser.error("--jetlua is missing")
  else:
    compare(options)


if __name__ == "__main__":
  main()
