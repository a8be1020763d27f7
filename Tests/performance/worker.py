"""What the peers of jetlua have in common: they train one model as commands on standard input ask, one a line, and answer each with a line of JSON.

  check BATCH STEPS    from the given weights, the jets in order and the given noise: the loss of each step
  train BATCH EPOCHS   goes on from there on shuffled jets: seconds, jets and mean loss of each epoch

A peer is a function `make(model, form, data, threads)` that returns an object with `start(batch)` (the given weights), `step(batch, k)` (loss of
the k-th step, jets in order) and `epoch(batch)` (mean loss of a shuffled pass without a last partial batch).
"""

import argparse
import json
import sys
import time

import numpy

# The convolutional network, by the names that its layers have in jetlua: see PLAN in each peer.
DENSE = {"constituent": (4, 4), "disco": (4, 4)}
LAMBDA, PRIOR_BETA, CONSTITUENT_BETA, IMAGE_BETA = 100.0, 0.1, 0.1, 1e-4


class Data:
  """The jets `x [N, D]` in order, their masses `[N]`, weights by name and noise `[steps, largest batch, latent]`."""

  def __init__(self, path, settings):
    with numpy.load(path) as file:
      self.x, self.mass, self.noise = (numpy.ascontiguousarray(file[name], dtype=numpy.float32) for name in ("x", "mass", "noise"))
      self.weights = {name.removeprefix("weights/"): file[name] for name in file.files if name.startswith("weights/")}
    self.lr, self.betas, self.eps = settings["lr"], tuple(settings["betas"]), 1e-8

  def rows(self, batch, k):
    """First jet and end of the k-th batch (from 0) of the jets in order."""
    first = k % (len(self.x) // batch) * batch
    return slice(first, first + batch)

  def channels_last(self):
    """The weights for images [N, rows, columns, channels]: kernels [h, w, in, out], dense layers that meet flattened images reordered."""
    weights = {}
    for name, value in self.weights.items():
      if value.ndim == 4:
        value = value.transpose(2, 3, 1, 0)
      elif name == "encoder.12.weight":
        value = value.reshape(-1, 5, 20, 20).transpose(0, 2, 3, 1).reshape(len(value), -1)
      elif name.startswith("decoder.3."):
        value = value.reshape(5, 20, 20, -1).transpose(1, 2, 0, 3).reshape(value.shape)
      weights[name] = numpy.ascontiguousarray(value)
    return weights


def serve(make):
  parser = argparse.ArgumentParser()
  parser.add_argument("--model", required=True)
  parser.add_argument("--form", required=True)
  parser.add_argument("--data", required=True, help="file that scripts/dev/performance/prepare.lua wrote")
  parser.add_argument("--settings", type=json.loads, required=True, help="what it printed")
  parser.add_argument("--threads", type=int, default=2)
  options = parser.parse_args()
  data = Data(options.data, options.settings)
  peer = make(options.model, options.form, data, options.threads)
  print(json.dumps({"ready": True, "version": peer.version}), flush=True)
  for line in sys.stdin:
    command, batch, count = line.split()
    batch, count = int(batch), int(count)
    if command == "check":
      peer.start(batch)
      answer = {"losses": [float(peer.step(batch, k)) for k in range(count)]}
    else:
      seconds, losses = [], []
      for _ in range(count):
        started = time.perf_counter()
        losses.append(float(peer.epoch(batch)))
        seconds.append(time.perf_counter() - started)
      answer = {"seconds": seconds, "losses": losses, "jets": len(data.x) // batch * batch}
    print(json.dumps(answer), flush=True)
