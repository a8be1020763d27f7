"""`bench disco`: the DisCo term with its gradient on large batches beside the form of all pairs in PyTorch, in turns, and the step of a DisCo-VAE."""

import argparse
import json
import sys
import time

from common import REPOSITORY, SCRIPTS, Store, environment, fail, machine, others_busy, output_of, subject


def all_pairs(jets, threads):
  """Fastest milliseconds of the term of `jets` jets and its gradient in the form of its authors' code, the term, and the largest memory in MB."""
  sys.path.append(str(REPOSITORY / "Tests/reference"))
  import numpy
  import torch
  from constituent_models import disco

  torch.set_num_threads(threads)
  x, y = given(jets, numpy)
  x, y = torch.from_numpy(x).requires_grad_(True), torch.from_numpy(y)
  best, value = float("inf"), None
  for _ in range(2 if jets > 10000 else 10):
    x.grad = None
    started = time.perf_counter()
    term = disco(x, y)
    term.backward()
    best, value = min(best, time.perf_counter() - started), term.item()
  with open("/proc/self/status") as file:
    peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024
  print(json.dumps({"term_ms": best * 1e3, "term": value, "gradient": x.grad.square().sum().sqrt().item(), "peak_mb": peak}))


def given(jets, numpy):
  """Scores and masses that depend on each other a little."""
  random = numpy.random.default_rng(1)
  mass = random.standard_normal(jets)
  return (random.standard_normal(jets) + 0.5 * mass**2).astype(numpy.float32), mass.astype(numpy.float32)


def run(options):
  import numpy
  from common import WORK

  if options.child:
    all_pairs(options.child, options.threads)
    return
  settings, rows, wrong, before = environment(options.threads), [], [], others_busy()
  print("| jets | jetlua ms | PyTorch, all pairs, ms | ratio | step of the DisCo-VAE ms | of it without the term |\n|---:|---:|---:|---:|---:|---:|")
  for jets in options.jets:
    path = WORK / "data/disco-term.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    x, y = given(jets, numpy)
    numpy.savez(path, x=x, y=y)
    ours = json.loads(output_of([options.jetlua, SCRIPTS / "disco.lua", "--data", path], env=settings))
    theirs = json.loads(output_of([sys.executable, __file__, "--child", jets, "--threads", options.threads], env=settings))
    again = json.loads(output_of([options.jetlua, SCRIPTS / "disco.lua", "--data", path], env=settings))
    # Of two runs around the peer's.
    for name in "term_ms", "step_ms", "plain_ms":
      ours[name] = min(ours[name], again[name])
    for name in "term", "gradient":
      if abs(ours[name] - theirs[name]) > 1e-3 * abs(theirs[name]):
        wrong.append(f"{jets} jets: {name}: jetlua {ours[name]}, PyTorch {theirs[name]}")
    rows.append({"jets": jets, "ours": ours, "theirs": theirs, "ratio": theirs["term_ms"] / ours["term_ms"]})
    print(f"| {jets:,} | {ours['term_ms']:.2f} | {theirs['term_ms']:.1f} | {rows[-1]['ratio']:.1f} | {ours['step_ms']:.2f} | {ours['plain_ms']:.2f} |", flush=True)
  Store("disco").put(rows=rows, machine=machine(), busy=others_busy(before), jetlua=subject(options))
  if wrong:
    fail("the terms disagree:\n  " + "\n  ".join(wrong))


def options_of(parser):
  parser.add_argument("--jets", type=lambda text: [int(part) for part in text.split(",")], default=[1024, 5000, 20000])
  parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
  parser.set_defaults(run=run)


def add(commands):
  options_of(commands.add_parser("disco", help="the DisCo term beside the form of all pairs"))


if __name__ == "__main__":
  parser = argparse.ArgumentParser()
  parser.add_argument("--threads", type=int, default=2)
  options_of(parser)
  run(parser.parse_args())
