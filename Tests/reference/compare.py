#!/usr/bin/env python3
"""AUC of the Dirichlet-VAE in jetlua and in PyTorch on the same jets, as Markdown; and what other comparisons share."""

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


def hardware():
  """Processor, memory and system, for the document."""
  cpu = platform.processor()
  with open("/proc/cpuinfo") as file:
    for line in file:
      if line.startswith("model name"):
        cpu = line.split(":", 1)[1].strip()
        break
  gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
  return f"{cpu}, {os.cpu_count()} processors, {gibibytes:.0f} GiB; {platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}"


def subject(jetlua):
  """Which jetlua and which commit of it are measured."""
  commit = first_line(["git", "-C", REPOSITORY, "describe", "--always", "--dirty"])
  return f"{first_line([jetlua, '--version'])}, commit {commit}"


def machine(jetlua, threads):
  """One paragraph: what the numbers were measured on."""
  import torch

  return f"{hardware()}, {threads} processors used; {subject(jetlua)}; PyTorch {torch.__version__}, Python {platform.python_version()}."


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


def main():
  parser = argparse.ArgumentParser(prog="bench auc", description=__doc__)
  parser.add_argument("--seeds", type=integers, default=[1, 2, 3])
  parser.add_argument("--epochs", type=int, default=200)
  parser.add_argument("--jetlua", required=True, help="the executable")
  parser.add_argument("--data", type=os.path.abspath, default=str(SAMPLE), help="file in the community layout")
  parser.add_argument("--threads", type=int, default=2)
  options = parser.parse_args()
  # Both sides see only these processors, whatever the machine has.
  os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
  auc(options)
  print(f"\n{machine(options.jetlua, options.threads)}")


if __name__ == "__main__":
  main()
