#!/usr/bin/env python3
"""Makes a file of every format and times jetlua on it beside h5py, NumPy, pandas and JetNet, alternately, from the page cache.

Prints a Markdown table. One process per measurement: its times are those of the reading alone, its peak memory is what it adds to its
own anonymous memory between the start of the reading and its end.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = REPOSITORY / "scripts/data/top_tagging_sample.h5"


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--jetlua", required=True)
  parser.add_argument("--jets", type=int, default=100_000, help="rows of a community file; the other formats in proportion")
  parser.add_argument("--repetitions", type=int, default=3)
  parser.add_argument("--formats", default="", help="only those whose name contains this text")
  parser.add_argument("--folder", help="where the files are made and kept; a temporary folder without it")
  parser.add_argument("--jetnet", help="a Python with the jetnet package, whose readers are timed too")
  options = parser.parse_args()
  folder = pathlib.Path(options.folder or tempfile.mkdtemp(prefix="jetlua-formats-"))
  folder.mkdir(parents=True, exist_ok=True)
  try:
    measure(options, folder)
  finally:
    if not options.folder:
      shutil.rmtree(folder)


def measure(options, folder):
  import formats_made

  rows = []
  for name, file in formats_made.FORMATS.items():
    if options.formats and options.formats not in name:
      continue
    path = folder / file.name
    if not path.exists():
      print(f"formats: making {path.name}", file=sys.stderr)
      run([sys.executable, formats_made.__file__, name, path, options.jets])
    rows.append(row(options, name, file, path))
    print(f"formats: {rows[-1]}", file=sys.stderr)
    if not options.folder:
      path.unlink()
  print("| format | file, MB | jets | particles | columns | constituents | images | peak, MB | beside it | reads | peak, MB | particles | columns |")
  print("|---|---:|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|")
  print("\n".join(rows))
  print(f"\n{machine(options.jetlua)}")


def row(options, name, file, path):
  """Rounds of one process of each side, so that a slow minute of the machine meets all of them."""
  jetlua = {what: [] for what in file.readings}
  others = {what: [] for what in file.others if what != "jetnet" or options.jetnet}
  warm(path)
  for _ in range(options.repetitions):
    for what, runs in jetlua.items():
      with tempfile.TemporaryDirectory(dir=path.parent) as cache:
        script = REPOSITORY / "scripts/dev/bench_formats.lua"
        runs.append(run([options.jetlua, script, "--file", path, "--what", what, "--layout", file.layout,
                         "--batch", 1280 * 200 // file.slots], JETLUA_CACHE=cache))
    for what, runs in others.items():
      python = options.jetnet if what == "jetnet" else sys.executable
      runs.append(run([python, REPOSITORY / "Tests/reference/formats_read.py", what, path, file.array]))
  jets = next(iter(jetlua.values()))[0]["jets"]

  def rate(runs):
    return jets / statistics.median(one["seconds"] for one in runs)

  def peak(runs):
    return max(one["peak"] for one in runs)

  cells = [name, f"{path.stat().st_size / 1e6:,.0f}", f"{jets:,}"]
  for what in ("particles", "columns", "constituents", "images"):
    cells.append(f"{rate(jetlua[what]) / 1e3:,.0f}" if what in jetlua else "")
  cells.append(f"{max(peak(runs) for runs in jetlua.values()):,.0f}")
  cells += ["<br>".join(others)]
  cells += ["<br>".join(f"{rate(runs) / 1e3:,.0f}" for runs in others.values())]
  cells += ["<br>".join(f"{peak(runs):,.0f}" for runs in others.values())]
  # An image table has no particles; what is read of it is images.
  for what in ("particles", "columns" if "columns" in jetlua else "images"):
    cells += ["<br>".join(f"{rate(jetlua[what]) / rate(runs):.2f}" for runs in others.values()) if what in jetlua else ""]
  return "| " + " | ".join(cells) + " |"


def warm(path):
  """Puts the file into the page cache."""
  with open(path, "rb") as file:
    while file.read(1 << 24):
      pass


def run(command, **environment):
  """The numbers that the process prints, with the peak of its anonymous memory in MB above what it had when it said "ready"."""
  process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
  lines, before, peak = [], None, 0
  os.set_blocking(process.stdout.fileno(), False)
  while process.poll() is None:
    time.sleep(0.005)
    used = anonymous(process.pid)
    lines += process.stdout.readlines()
    if before is None and any(line.startswith("ready") for line in lines):
      before = used
    peak = max(peak, used)
  lines += process.stdout.readlines()
  if process.returncode != 0:
    sys.exit(f"formats: {command[0]} ended with status {process.returncode}: {' '.join(map(str, command[1:]))}")
  results = [json.loads(line) for line in lines if line.startswith("{")]
  return {**results[-1], "peak": (peak - (before or 0)) / 1024, "whole_peak": peak / 1024} if results else None


def anonymous(process):
  """Kilobytes."""
  try:
    with open(f"/proc/{process}/status") as file:
      for line in file:
        if line.startswith("RssAnon"):
          return int(line.split()[1])
  except OSError:
    pass
  return 0


def machine(jetlua):
  import h5py
  import numpy
  import pandas
  from compare import first_line

  with open("/proc/cpuinfo") as file:
    cpu = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")
  commit = first_line(["git", "-C", REPOSITORY, "describe", "--always", "--dirty"])
  return (f"{cpu}, {os.cpu_count()} processors; {first_line([jetlua, '-v'])}, commit {commit}; "
          f"h5py {h5py.__version__} with HDF5 {h5py.version.hdf5_version}, NumPy {numpy.__version__}, pandas {pandas.__version__}.")


if __name__ == "__main__":
  main()
