"""`bench experiment`: a whole experiment, from the file of jets to the ROC curve, as processes of their own, in turns."""

import json
import shutil
import statistics
import sys
import time

from common import REPOSITORY, SAMPLE, SCRIPTS, WORK, Store, environment, machine, others_busy, output_of, subject


def run(options):
  settings = environment(options.threads)
  shared = ["--epochs", options.epochs, "--batch", 256]
  reference = [sys.executable, REPOSITORY / "Tests/reference/dirichlet_vae.py", "--data", options.data, *shared, "--threads", options.threads, "--form"]
  own = [options.jetlua, SCRIPTS / "experiment.lua", "--data", options.data, *shared]
  commands = {"jetlua": own, "jetlua, images in its cache": own, **{f"PyTorch {form}": [*reference, form] for form in options.forms}}
  seconds, auc = {name: [] for name in commands}, {name: [] for name in commands}
  before = others_busy()
  # A turn that is not counted lets torch.compile fill its cache.
  for turn in range(options.rounds + 1):
    for name, command in commands.items():
      if turn == 0 and "compile" not in name:
        continue
      if name == "jetlua":
        shutil.rmtree(WORK / "cache", ignore_errors=True)
      started = time.perf_counter()
      result = json.loads(output_of([*command, "--seed", turn + 1], env=settings))
      if turn > 0:
        seconds[name].append(time.perf_counter() - started)
        auc[name].append(result["auc_weight"])
  peers = [name for name in commands if name.startswith("PyTorch")]
  best = min(statistics.median(seconds[name]) for name in peers)
  print("| what | min s | median s | max s | of the best peer | AUC |\n|---|---:|---:|---:|---:|---|")
  rows = []
  for name, times in seconds.items():
    rows.append({"name": name, "min": min(times), "median": statistics.median(times), "max": max(times), "ratio": best / statistics.median(times), "auc": auc[name]})
    print(f"| {name} | {min(times):.2f} | {statistics.median(times):.2f} | {max(times):.2f} | {rows[-1]['ratio']:.1f} | {', '.join(f'{a:.3f}' for a in auc[name])} |")
  Store("experiment").put(rows=rows, epochs=options.epochs, rounds=options.rounds, busy=others_busy(before), machine=machine(), jetlua=subject(options))


def add(commands):
  parser = commands.add_parser("experiment", help="from the file to the ROC curve beside PyTorch")
  parser.add_argument("--epochs", type=int, default=50)
  parser.add_argument("--rounds", type=int, default=2, help="turns of each")
  parser.add_argument("--forms", type=lambda text: text.split(","), default=["eager", "compile", "sparse", "sparse_compile"])
  parser.add_argument("--data", default=str(SAMPLE), help="file in the community layout")
  parser.set_defaults(run=run)
