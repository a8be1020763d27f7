#!/usr/bin/env python3
"""The trainings of the study (scripts/reproduce.lua) that are compared with PyTorch, independent of jetlua from the file of jets on.

Trains the Dirichlet-VAE (balanced, rare signals, three mixtures), the VAE with dense networks and the constituent VAE, plain, with DisCo
and with outlier exposure, with the settings of the study's full size, and writes the AUCs of each seed as JSON. What is there already is
not done again. Needs JETS.npz from scripts/dev/export_constituents.lua for the constituents.

  study.py --train train.h5 --test test.h5 --constituents JETS.npz --output study.json --more "dvae3=8,oe kl=8" --paired recorded

With --paired it also trains from what scripts/dev/record_training.lua recorded: the same initial weights, batches and noise.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import types

import numpy
import torch
from sklearn.metrics import roc_auc_score

import constituent_models
import dirichlet_vae
import jet_images
import paired_training

DIRICHLET = {
  "dvae top 1": dict(signal="top", ratio=1, alpha=[1.0, 1.0]),
  "dvae top 0.05": dict(signal="top", ratio=0.05, alpha=[1.0, 0.25]),
  "dvae3 top 0.05": dict(signal="top", ratio=0.05, alpha=[1.0, 0.25, 0.1]),
  "dvae3 qcd 0.05": dict(signal="qcd", ratio=0.05, alpha=[1.0, 0.25, 0.1]),
}
CONSTITUENTS = {"constituent vae": "vae", "disco": "disco", "oe kl": "oe"}


def read(path, cache):
  """Images `[N, 1600]` and labels of a file, a part at a time: the four-vectors in float64 take gigabytes."""
  kept = cache and os.path.join(cache, os.path.basename(path) + ".npz")
  if kept and os.path.exists(kept):
    data = numpy.load(kept)
    x = numpy.zeros((len(data["label"]), 1600), numpy.float32)
    x.reshape(-1)[data["place"]] = data["value"]
    return torch.from_numpy(x), data["label"]
  momenta, label = jet_images.read_jets(path)
  parts = [jet_images.images(part).astype(numpy.float32) for part in numpy.array_split(momenta, max(1, len(momenta) // 10000))]
  x = numpy.concatenate(parts)
  if kept:
    place = numpy.flatnonzero(x)
    numpy.savez(kept, label=label, place=place, value=x.reshape(-1)[place])
  return torch.from_numpy(x), label


def draw(label, signal, ratio, seed):
  """Rows of all background and `ratio` times as many signal jets."""
  is_signal = label == (1 if signal == "top" else 0)
  order = numpy.random.default_rng(seed).permutation(len(label))
  background, other = order[~is_signal[order]], order[is_signal[order]]
  return numpy.random.default_rng(seed + 1000).permutation(numpy.concatenate((background, other[: round(ratio * len(background))])))


def dirichlet(task, seed, x, label, unseen, truth, epochs):
  o = DIRICHLET[task]
  options = types.SimpleNamespace(seed=seed, form="sparse", alpha=o["alpha"], beta=0.1, lr=5e-3, betas=[0.9, 0.99], eps=1e-8, epochs=epochs, batch=256, signal=o["signal"])
  model, losses, _ = dirichlet_vae.train(options, x[draw(label, o["signal"], o["ratio"], seed)])
  found = dirichlet_vae.evaluate(options, model, unseen, truth == (1 if o["signal"] == "top" else 0))
  return dict(scores=aucs(found), loss=[epoch["total"] for epoch in losses])


def aucs(found):
  """The AUCs of an evaluation by the names that the study has for them."""
  scores = dict(declared=found["auc_weight"], cross_entropy=found["auc_cross_entropy"])
  if len(found["auc_weights"]) == 3:
    scores |= {f"weight_{i + 1}": auc for i, auc in enumerate(found["auc_weights"])}
  return scores


def gaussian(seed, x, label, unseen, truth, epochs):
  """The VAE 1600-100-1-100-1600, squared error summed over pixels, beta 1e-4, on 20,000 jets."""
  torch.manual_seed(seed)
  x = x[draw(label, "top", 1, seed)[:20000]]
  model = constituent_models.VAE([1600, 100], 1, 1e-4, torch.nn.functional.selu, mean=False)
  adam = torch.optim.Adam(model.parameters(), lr=1e-3)
  for _ in range(epochs):
    for rows in torch.randperm(len(x)).split(100):
      loss = model.total(*model.terms(x[rows], torch.randn(len(rows), 1))).mean()
      adam.zero_grad()
      loss.backward()
      adam.step()
  with torch.no_grad():
    z, few = model.posterior(unseen)[0][:, 0].numpy(), model.posterior(x[:2000])[0][:, 0].numpy()
    mse = model.terms(unseen, torch.zeros(len(unseen), 1))[0].numpy()
  # The direction of more active pixels, declared without labels.
  active = (x[:2000] != 0).sum(1).numpy()
  direction = 1 if numpy.corrcoef(few, active)[0, 1] >= 0 else -1
  return dict(scores=dict(latent=roc_auc_score(truth, direction * z), mse=roc_auc_score(truth, mse)))


def constituents(task, seed, path, threads):
  script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "constituent_models.py")
  outcome = subprocess.run([sys.executable, script, "train", path, "--model", CONSTITUENTS[task], "--seed", str(seed), "--threads", str(threads)], check=True, capture_output=True, text=True)
  found = json.loads(outcome.stdout)["scores"]
  scores = {f"top/{name}": values["auc"] for name, values in found.items()}
  return dict(scores=scores | {f"top/{name} {what}": values[what] for name, values in found.items() for what in ("auc_equal_mass", "jsd")})


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--train", required=True, help="file in the community layout")
  parser.add_argument("--test", required=True, help="another one, to judge by")
  parser.add_argument("--constituents", help="what scripts/dev/export_constituents.lua wrote; without it they are left out")
  parser.add_argument("--output", required=True)
  parser.add_argument("--seeds", type=int, default=3)
  parser.add_argument("--more", default="", help="more seeds for single trainings, such as 'dvae3=8,oe kl=8': all whose names begin so")
  parser.add_argument("--paired", help="folder of trainings that scripts/dev/record_training.lua recorded")
  parser.add_argument("--epochs", type=int, default=0, help="limit for every training of images; 0 for none")
  parser.add_argument("--threads", type=int, default=1)
  parser.add_argument("--cache", help="folder for the images, to be read again when it is started again")
  parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no training after so long; the next call goes on")
  o = parser.parse_args()
  torch.set_num_threads(o.threads)
  started, runs, paired = time.monotonic(), [], []
  if os.path.exists(o.output):
    with open(o.output) as file:
      kept = json.load(file)
      runs, paired = kept["runs"], kept.get("paired", [])
  more = {name: int(count) for name, count in (part.split("=") for part in o.more.split(",") if part)}
  wanted = lambda task: max([o.seeds] + [count for name, count in more.items() if task.startswith(name)])
  done = {(run["task"], run["seed"]) for run in runs}
  limit = lambda epochs: min(epochs, o.epochs) if o.epochs else epochs
  loaded = []

  def images():
    if not loaded:
      loaded.extend((*read(o.train, o.cache), *read(o.test, o.cache)))
    return loaded

  def keep():
    with open(o.output + ".part", "w") as file:
      json.dump(dict(torch=torch.__version__, seeds=o.seeds, runs=runs, paired=paired), file, indent=1)
      file.write("\n")
    os.replace(o.output + ".part", o.output)

  def check_time():
    if time.monotonic() - started > o.seconds:
      sys.exit(75)

  for about, stem in paired_training.recorded(o.paired) if o.paired else []:
    if any(run["task"] == about["task"] and run["seed"] == about["seed"] for run in paired):
      continue
    check_time()
    x, _, unseen, truth = images()
    found, losses = paired_training.train(about, stem, x, unseen, truth)
    paired.append(dict(task=about["task"], seed=about["seed"], scores=aucs(found), loss=losses))
    print("paired", about["task"], about["seed"], paired[-1]["scores"], flush=True)
    keep()

  for seed in range(1, max([o.seeds, *more.values()]) + 1):
    work = {task: (lambda task=task: dirichlet(task, seed, *images(), limit(40))) for task in DIRICHLET}
    work["dense vae"] = lambda: gaussian(seed, *images(), limit(30))
    if o.constituents:
      work |= {task: (lambda task=task: constituents(task, seed, o.constituents, o.threads)) for task in CONSTITUENTS}
    for task, run in work.items():
      if (task, seed) in done or seed > wanted(task):
        continue
      check_time()
      runs.append(dict(task=task, seed=seed, **run()))
      print(task, seed, runs[-1]["scores"], flush=True)
      keep()


if __name__ == "__main__":
  main()
