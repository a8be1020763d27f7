#!/usr/bin/env python3
"""Runs jetlua and the PyTorch reference alternately on the same jets and prints what came out as Markdown."""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "Tests/reference/dirichlet_vae.py"
SAMPLE = REPOSITORY / "scripts/data/top_tagging_sample.h5"
FORMS = {
  "eager": "PyTorch eager",
  "compile": "PyTorch torch.compile",
  "sparse": "PyTorch eager, embedding_bag",
  "sparse_compile": "PyTorch torch.compile, embedding_bag",
}
SCORES = {"auc_weight": "declared mixture weight", "auc_cross_entropy": "cross-entropy"}


def output_of(command, **settings):
  """What a command prints; its own complaint and status end this program if it fails."""
  done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, **settings)
  if done.returncode != 0:
    sys.exit(f"compare: {command[0]} ended with status {done.returncode}")
  return done.stdout


def reference(*arguments):
  return json.loads(output_of([sys.executable, REFERENCE, *arguments]))


def first_line(command):
  try:
    return output_of(command, stderr=subprocess.DEVNULL).splitlines()[0]
  except (OSError, IndexError):
    return "unknown"


def machine(jetlua, threads):
  """One paragraph: what the numbers were measured on."""
  import torch

  cpu = platform.processor()
  with open("/proc/cpuinfo") as file:
    for line in file:
      if line.startswith("model name"):
        cpu = line.split(":", 1)[1].strip()
        break
  gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
  commit = first_line(["git", "-C", REPOSITORY, "describe", "--always", "--dirty"])
  return (f"{cpu}, {os.cpu_count()} processors of which {threads} used, {gibibytes:.0f} GiB; "
          f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}; "
          f"{first_line([jetlua, '--version'])}, commit {commit}; PyTorch {torch.__version__}, Python {platform.python_version()}.")


def spread(values):
  return f"{min(values):,.0f} – {max(values):,.0f}"


def throughput(options):
  """Rounds of one run of each, so that a slow minute of the machine meets all of them."""
  print(f"Training of the published Dirichlet-VAE (R = 2) on the bundled sample, {options.threads} threads, jets per second "
        f"in the training loop: median over {options.repetitions} processes of the median epoch ({options.epochs} epochs, "
        "the first not counted), with the smallest and largest.\n")
  print("| batch | what | jets/s | min – max | of the best PyTorch form |\n|---:|---|---:|---:|---:|")
  for batch in options.batches:
    rates = {name: [] for name in ("jetlua", *options.forms)}
    for _ in range(options.repetitions):
      shared = ["--batch", batch, "--epochs", options.epochs]
      rates["jetlua"].append(json.loads(output_of(
        [options.jetlua, REPOSITORY / "scripts/dev/bench_dvae.lua", *shared, "--data", options.data]))["jets_per_second"])
      for form in options.forms:
        result = reference(*shared, "--form", form, "--data", options.data, "--threads", options.threads)
        rates[form].append(result["jets_per_second"])
    best = max(statistics.median(rates[form]) for form in options.forms)
    for name, values in rates.items():
      median = statistics.median(values)
      print(f"| {batch} | {FORMS.get(name, name)} | {median:,.0f} | {spread(values)} | {median / best:.2f} |", flush=True)


def constituents(options):
  """The constituent VAE, in rounds as above, and the losses that both reached; then the DisCo term."""
  forms = [form for form in options.forms if form in ("eager", "compile")]
  print(f"Training of the constituent VAE (80-256-128-64-10) on the QCD jets of the bundled sample, {options.threads} threads, jets per second in the "
        f"training loop: median over {options.repetitions} processes of the median epoch ({options.epochs} epochs, the first not counted), with the "
        "smallest and largest, and the mean loss of the last epoch.\n")
  print("| batch | what | jets/s | min – max | of the best PyTorch form | last loss |\n|---:|---|---:|---:|---:|---:|")
  peer = [sys.executable, REPOSITORY / "Tests/reference/constituent_models.py", "speed"]
  bench = [options.jetlua, REPOSITORY / "scripts/dev/bench_constituents.lua"]
  with tempfile.TemporaryDirectory() as folder:
    jets = pathlib.Path(folder, "jets.npz")
    output_of([options.jetlua, REPOSITORY / "scripts/dev/export_constituents.lua", "--out", jets,
               *(["--train", options.data] if options.data != str(SAMPLE) else [])])
    for batch in options.batches:
      results = {name: [] for name in ("jetlua", *forms)}
      for _ in range(options.repetitions):
        shared = ["--batch", batch, "--epochs", options.epochs]
        results["jetlua"].append(json.loads(output_of([*bench, *shared, "--data", options.data])))
        for form in forms:
          results[form].append(json.loads(output_of([*peer, jets, *shared, "--form", form, "--threads", options.threads])))
      rates = {name: [run["jets_per_second"] for run in runs] for name, runs in results.items()}
      best = max(statistics.median(rates[form]) for form in forms)
      for name, values in rates.items():
        median, loss = statistics.median(values), statistics.mean(run["last_loss"] for run in results[name])
        print(f"| {batch} | {FORMS.get(name, name)} | {median:,.0f} | {spread(values)} | {median / best:.2f} | {loss:.4f} |", flush=True)
  print("\nDisCo term of a batch with its gradient: milliseconds, the fastest run; the step is one of the whole DisCo-VAE.\n")
  print("| jets | jetlua | PyTorch, all pairs | ratio | step of jetlua |\n|---:|---:|---:|---:|---:|")
  for jets in (500, 5000, 20000):
    ours = json.loads(output_of([*bench, "--term", "--batch", jets]))
    theirs = json.loads(output_of([*peer, "--term", "--batch", jets, "--threads", options.threads]))["term_ms"]
    print(f"| {jets} | {ours['term_ms']:.2f} | {theirs:.1f} | {theirs / ours['term_ms']:.0f} | {ours['step_ms']:.1f} |", flush=True)


def jetlua_results(options, seed):
  """The `results` of one run of scripts/dvae_k2.lua, read from its run folder."""
  with tempfile.TemporaryDirectory() as runs:
    # What the script prints is for people; here it goes to where it does not mix with the table.
    output_of([options.jetlua, REPOSITORY / "scripts/dvae_k2.lua", "--epochs", options.epochs, "--seed", seed,
               "--data", options.data], env=os.environ | {"JETLUA_RUNS": runs}, cwd=runs)
    records = list(pathlib.Path(runs).glob("*/run.json"))
    if len(records) != 1:
      sys.exit(f"compare: expected one run folder of dvae_k2.lua, got {len(records)}")
    results = json.loads(records[0].read_text()).get("results", {})
    absent = [key for key in SCORES if key not in results]
    if absent:
      sys.exit(f"compare: run.json of dvae_k2.lua: expected results {', '.join(SCORES)}, got none for {', '.join(absent)}")
    return results


def auc(options):
  print(f"AUC on held-out jets of the bundled sample (balanced), published settings, {options.epochs} epochs, "
        f"seeds {', '.join(map(str, options.seeds))}: mean ± standard deviation over the seeds (each seed).\n")
  rows = {"jetlua": [], "PyTorch": []}
  for seed in options.seeds:
    rows["jetlua"].append(jetlua_results(options, seed))
    rows["PyTorch"].append(reference("--data", options.data, "--epochs", options.epochs, "--seed", seed,
                                     "--threads", options.threads))
  print("| score | what | AUC | each seed |\n|---|---|---:|---|")
  for key, title in SCORES.items():
    for name, results in rows.items():
      values = [result[key] for result in results]
      deviation = statistics.stdev(values) if len(values) > 1 else 0.0
      each = ", ".join(f"{value:.4f}" for value in values)
      print(f"| {title} | {name} | {statistics.mean(values):.4f} ± {deviation:.4f} | {each} |")


def integers(text):
  return [int(part) for part in text.split(",")]


def forms(text):
  chosen = text.split(",")
  for form in chosen:
    if form not in FORMS:
      raise argparse.ArgumentTypeError(f"expected forms of {', '.join(FORMS)}, got {form}")
  return chosen


def main():
  parser = argparse.ArgumentParser(prog="bench", description=__doc__)
  commands = parser.add_subparsers(required=True)
  fast = commands.add_parser("throughput", help="training jets per second")
  fast.add_argument("--batches", type=integers, default=[256, 100, 1024])
  fast.add_argument("--repetitions", type=int, default=5)
  fast.add_argument("--epochs", type=int, default=8)
  fast.add_argument("--forms", type=forms, default=list(FORMS), help=f"of {','.join(FORMS)}")
  fast.add_argument("--model", choices=("dvae", "constituent"), default="dvae")
  fast.set_defaults(run=lambda o: constituents(o) if o.model == "constituent" else throughput(o))
  good = commands.add_parser("auc", help="AUC on held-out jets")
  good.add_argument("--seeds", type=integers, default=[1, 2, 3])
  good.add_argument("--epochs", type=int, default=200)
  good.set_defaults(run=auc)
  for command in (fast, good):
    command.add_argument("--jetlua", required=True, help="the executable")
    command.add_argument("--data", type=os.path.abspath, default=str(SAMPLE), help="file in the community layout")
    command.add_argument("--threads", type=int, default=2)
  options = parser.parse_args()
  # Both sides see only these processors, whatever the machine has.
  os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
  options.run(options)
  print(f"\n{machine(options.jetlua, options.threads)}")


if __name__ == "__main__":
  main()
