"""`bench limits`: what the machine can do, in this process by PyTorch's loops and by jetlua's own product: the bounds that the document sets beside
each figure."""

import json
import time

from common import SCRIPTS, Store, environment, machine, others_busy, output_of

MEGABYTE = 1 << 20


def fastest(body, seconds):
  """Seconds of the fastest call in as long."""
  body()
  best, until = float("inf"), time.perf_counter() + seconds
  while time.perf_counter() < until:
    started = time.perf_counter()
    body()
    best = min(best, time.perf_counter() - started)
  return best


def of_this_machine(threads, seconds):
  import torch

  torch.set_num_threads(threads)
  found = {}
  for n in 256, 2048:
    a, b, c = torch.rand(n, n), torch.rand(n, n), torch.empty(n, n)
    found[f"gemm_{n}"] = 2 * n**3 / fastest(lambda: torch.mm(a, b, out=c), seconds) / 1e9
  for name, count in ("copy_cache", MEGABYTE // 4), ("copy_memory", 1 << 26):
    source, target = torch.rand(count), torch.rand(count)
    found[name] = 8 * count / fastest(lambda: target.copy_(source), seconds) / 1e9
  x, y = torch.rand(1 << 16), torch.empty(1 << 16)
  found["exp"] = len(x) / fastest(lambda: torch.exp(x, out=y), seconds) / 1e9
  return found


def run(options):
  before, found = others_busy(), {}
  for threads in sorted({1, options.threads}):
    found[str(threads)] = of_this_machine(threads, options.seconds)
    own = json.loads(output_of([options.jetlua, SCRIPTS / "limits.lua", "--seconds", options.seconds], env=environment(threads)))
    found[str(threads)].update({f"jetlua_{name}": value for name, value in own.items()})
    for name, value in found[str(threads)].items():
      print(f"{threads} thread{'s' * (threads > 1)}: {name} {value:.1f}", flush=True)
  Store("limits").put(limits=found, machine=machine(), busy=others_busy(before))


def add(commands):
  parser = commands.add_parser("limits", help="matrix product, copy and exp of this machine")
  parser.add_argument("--seconds", type=float, default=1.0, help="how long each is measured")
  parser.set_defaults(run=run)
