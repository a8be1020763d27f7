"""Trains the Dirichlet-VAE in PyTorch from what a training of jetlua began with: the same initial weights, the same jets in the same
batches and the same noise, as scripts/dev/record_training.lua wrote them; images, gradients and steps are PyTorch's own."""

import glob
import json
import os
import struct
import types

import numpy
import torch

import dirichlet_vae


def read_safetensors(path):
  """Tensors of a safetensors file by name: a length, a JSON header with places, the numbers."""
  with open(path, "rb") as file:
    size, = struct.unpack("<Q", file.read(8))
    header, data = json.loads(file.read(size)), file.read()
  header.pop("__metadata__", None)
  found = {}
  for name, entry in header.items():
    first, last = entry["data_offsets"]
    found[name] = torch.from_numpy(numpy.frombuffer(data[first:last], {"F32": "<f4", "F64": "<f8"}[entry["dtype"]]).reshape(entry["shape"]).copy())
  return found


def starting(state, alpha, beta):
  """The model with the initial weights of a file, whose names are jetlua's."""
  model = dirichlet_vae.SparseDirichletVAE(alpha, beta)
  model.by_pixel.data = state["encoder.1.weight"].t().contiguous()
  model.bias.data = state["encoder.1.bias"]
  model.posterior.weight.data = torch.cat((state["mu.weight"], state["logvar.weight"]))
  model.posterior.bias.data = torch.cat((state["mu.bias"], state["logvar.bias"]))
  model.mixtures.data = state["decoder.weight"]
  return model


def recorded(folder):
  """What is known of the trainings in a folder, and the path of each without its ending."""
  for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
    with open(path) as file:
      yield json.load(file), path[: -len(".json")]


def train(about, stem, x, unseen, truth):
  """AUCs and the loss of each epoch; `x` are the images of the file that the recorded rows belong to, counted from 0."""
  s = about["settings"]
  trail = numpy.load(stem + ".npz")
  used, place = torch.unique(torch.from_numpy(trail["rows"]), return_inverse=True)
  noise, jets = torch.from_numpy(trail["noise"]), len(used)
  model = starting(read_safetensors(stem + ".safetensors"), s["alpha"], 0.1)
  adam = torch.optim.Adam(model.parameters(), lr=s["lr"], betas=(0.9, 0.99), eps=1e-8, fused=True)
  sparse, losses = dirichlet_vae.to_sparse(x.index_select(0, used)), []
  for order, drawn in zip(place.split(jets), noise.split(jets)):
    steps = drawn.split(s["batch"])
    given, total = iter(steps), 0.0
    model.sample = lambda mu, logvar: torch.softmax(mu + (logvar / 2).exp() * next(given), dim=1)
    for step, (loss, _) in zip(steps, dirichlet_vae.sparse_epoch(model.sparse_loss, sparse, s["batch"], order)):
      adam.zero_grad(set_to_none=True)
      loss.backward()
      adam.step()
      total += loss.item() * len(step)
    losses.append(total / jets)
  options = types.SimpleNamespace(alpha=s["alpha"], signal=s["signal"])
  found = dirichlet_vae.evaluate(options, model.dense(s["alpha"]), unseen, truth == (1 if s["signal"] == "top" else 0))
  return found, losses
