"""`bench start`: how long processes take to start, their instructions and memory."""

import shutil
import statistics
import subprocess
import sys
import time

import callgrind
from common import Store, environment, machine, others_busy, output_of, subject


def milliseconds(commands, turns, settings):
  """Of each command, in turns."""
  times = {name: [] for name in commands}
  for _ in range(turns):
    for name, command in commands.items():
      started = time.perf_counter()
      subprocess.run(command, env=settings, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
      times[name].append((time.perf_counter() - started) * 1e3)
  return times


def peak(command, settings):
  """Largest resident memory of such a process in MB, as it says itself; None where it has no script."""
  if len(command) < 3:
    return None
  inside = 'for line in open("/proc/self/status"): line.startswith("VmHWM") and print(line)'
  if "python" not in command[0]:
    inside = 'for line in io.lines "/proc/self/status" do if line:find "^VmHWM" then print(line) end end'
  text = output_of([*command[:2], f"{command[2]}\n{inside}"], env=settings)
  return int(text.split("VmHWM:")[1].split()[0]) / 1024


def run(options):
  settings, jetlua = environment(options.threads), str(options.jetlua)
  short = {"nothing (true)": ["true"], 'jetlua -e ""': [jetlua, "-e", ""], "jetlua, a tensor added": [jetlua, "-e", 'local t = require "tensor"; local x = t.ones(3) + 1']}
  if shutil.which("lua5.4"):
    short['lua5.4 -e ""'] = ["lua5.4", "-e", ""]
  long = {"python": [sys.executable, "-c", ""]}
  for name, module in ("PyTorch", "torch"), ("JAX", "jax.numpy"), ("TensorFlow", "tensorflow"):
    long[f"python, {name} imported"] = [sys.executable, "-c", f"import {module}"]
  before, rows = others_busy(), []
  print("| command | min ms | median ms | peak MB |\n|---|---:|---:|---:|")
  for commands, turns in (short, options.runs), (long, 3):
    for name, times in milliseconds(commands, turns, settings).items():
      rows.append({"name": name, "min": min(times), "median": statistics.median(times), "runs": turns, "peak_mb": peak(commands[name], settings)})
      print(f"| `{name}` | {rows[-1]['min']:.1f} | {rows[-1]['median']:.1f} | {'–' if rows[-1]['peak_mb'] is None else round(rows[-1]['peak_mb'])} |", flush=True)
  counts = callgrind.run(callgrind.countable(options.jetlua), "-e", "")
  libraries = {}
  for name, count in counts.own.items():
    libraries[counts.library[name]] = libraries.get(counts.library[name], 0) + count
  top = sorted(libraries.items(), key=lambda item: -item[1])
  print(f"\n{counts.total:,} instructions: " + ", ".join(f"{name} {count / counts.total:.0%}" for name, count in top if count > 0.02 * counts.total))
  Store("start").put(rows=rows, instructions=counts.total, libraries=dict(top[:8]), busy=others_busy(before), machine=machine(), jetlua=subject(options))


def add(commands):
  parser = commands.add_parser("start", help="start-up time, instructions and memory")
  parser.add_argument("--runs", type=int, default=40)
  parser.set_defaults(run=run)
