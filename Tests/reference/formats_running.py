"""Processes that read files of jets, timed from the page cache with the peak of their memory: what formats_speed.py and formats_large.py share."""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def arguments(description):
  """A parser of the arguments that both commands take."""
  parser = argparse.ArgumentParser(description=description)
  parser.add_argument("--jetlua", required=True)
  parser.add_argument("--folder", help="where the files are made and kept; a temporary folder without it")
  return parser


@contextlib.contextmanager
def folder_of(options):
  """The folder of the files; a temporary one is removed in the end."""
  if options.folder:
    pathlib.Path(options.folder).mkdir(parents=True, exist_ok=True)
    yield pathlib.Path(options.folder)
    return
  with tempfile.TemporaryDirectory(prefix="jetlua-formats-") as folder:
    yield pathlib.Path(folder)


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
