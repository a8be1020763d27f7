"""`bench steps`: where the time of one training step goes, by op (jetlua --profile) and by native function (perf, where it is installed)."""

import json
import pathlib
import shutil
import subprocess
import tempfile

import callgrind
from common import SCRIPTS, Store, environment, machine, others_busy, output_of, subject


def by_op(options, piece, batch, steps, settings):
  """Microseconds a step by op, from the intervals of the last `steps` steps; those of what runs inside are taken off."""
  with tempfile.TemporaryDirectory() as folder:
    trace = pathlib.Path(folder, "trace.json")
    arguments = ["--piece", piece, "--batch", batch, "--times", 2 * steps]
    output_of([options.jetlua, f"--profile={trace}", SCRIPTS / "work.lua", *arguments], env=settings, stderr=subprocess.DEVNULL)
    events = [event for event in json.loads(trace.read_text())["traceEvents"] if event.get("ph") == "X"]
  # A step ends with the optimizer's.
  ends = sorted(event["ts"] + event["dur"] for event in events if event["name"] == "step")
  first, last = ends[-steps - 1], ends[-1]
  chosen = sorted((event for event in events if event["ts"] >= first and event["ts"] + event["dur"] <= last + 0.001), key=lambda e: (e["ts"], -e["dur"]))
  for event in chosen:
    event["name"] += ", gradient" if event.get("cat") == "gradient" else ""
  own, open_events = {}, []
  for event in chosen:
    while open_events and open_events[-1]["ts"] + open_events[-1]["dur"] <= event["ts"] + 1e-6:
      open_events.pop()
    if open_events:
      name = open_events[-1]["name"]
      own[name] -= event["dur"]
    own[event["name"]] = own.get(event["name"], 0) + event["dur"]
    open_events.append(event)
  whole = (last - first) / steps
  ops = {name: value / steps for name, value in own.items()}
  ops["Lua and what is between"] = whole - sum(ops.values())
  return whole, ops


def by_function(options, piece, batch, settings):
  """Shares of samples by native function, of both threads; None where perf is not installed."""
  if shutil.which("perf") is None:
    return None
  with tempfile.TemporaryDirectory() as folder:
    data = pathlib.Path(folder, "perf.data")
    command = ["perf", "record", "-q", "-F", "1999", "-e", "cpu-clock:u", "-o", data, options.jetlua, SCRIPTS / "work.lua", "--piece", piece, "--batch", batch,
               "--times", options.steps * 20]
    if subprocess.run([str(part) for part in command], env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
      return None
    text = output_of(["perf", "report", "-i", data, "--stdio", "--sort", "symbol", "-q", "--no-demangle"], stderr=subprocess.DEVNULL)
  found = {}
  for line in text.splitlines():
    fields = line.split(None, 2)
    if len(fields) == 3 and fields[0].endswith("%"):
      found[fields[2].strip()] = float(fields[0][:-1]) / 100
  names = callgrind.demangled(found)
  return {names[name]: share for name, share in list(found.items())[:20]}


def run(options):
  settings, before, rows = environment(options.threads), others_busy(), {}
  for piece in options.pieces:
    batch = 100 if piece == "convolutional" else options.batch
    steps = 10 if piece == "convolutional" else options.steps
    whole, ops = min((by_op(options, piece, batch, steps, settings) for _ in range(options.rounds)), key=lambda found: found[0])
    functions = by_function(options, piece, batch, settings) if piece == "dvae" else None
    rows[piece] = {"batch": batch, "steps": steps, "whole": whole, "ops": ops, "functions": functions}
    print(f"\n{piece}, batch {batch}: {whole:.1f} µs a step, measured by op\n\n| op | µs | share |\n|---|---:|---:|")
    for name, value in sorted(ops.items(), key=lambda item: -item[1])[:12]:
      print(f"| {name} | {value:.1f} | {value / whole:.1%} |")
    for name, share in list((functions or {}).items())[:12]:
      print(f"  {share:6.1%} {name[:120]}")
  Store("steps").put(**rows, machine=machine(), threads=options.threads, busy=others_busy(before), jetlua=subject(options))


def add(commands):
  parser = commands.add_parser("steps", help="where the time of a step goes")
  parser.add_argument("--pieces", type=lambda text: text.split(","), default=["dvae", "constituent", "convolutional"])
  parser.add_argument("--batch", type=int, default=256)
  parser.add_argument("--steps", type=int, default=200)
  parser.add_argument("--rounds", type=int, default=3)
  parser.set_defaults(run=run)
