"""`bench waste`: what a training step does besides its arithmetic: allocations, system calls, Lua's share, handing work to threads.

Allocations and instructions are exact: callgrind counts some steps after a warm-up.
"""

import json
import shutil
import subprocess
import tempfile
import pathlib

import callgrind
from common import REPOSITORY, SCRIPTS, WORK, Store, environment, machine, output_of, subject

HEAP = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign"}
SYSTEM = {"mmap", "mmap64", "munmap", "brk", "sbrk", "madvise"}
STEPS = {"dvae": 10, "constituent": 4, "disco": 4, "convolutional": 4}
# Steps before: of few jets the tensors of a step are small beside what Lua's collector lets live, and the pool grows until its first full collections.
WARM = {"convolutional": 35}


def steps_of(jetlua, piece):
  """Counts of some steps of training after a warm-up, and how many."""
  return callgrind.run(jetlua, SCRIPTS / "work.lua", "--piece", piece, "--times", STEPS[piece], "--warm", WARM.get(piece, 2), marked=True), STEPS[piece]


def share_of_time(options, piece, settings):
  """Of the samples of `perf` in a training, those in Lua's library and, apart, those waiting in the thread pool; None without perf."""
  if shutil.which("perf") is None:
    return None
  with tempfile.TemporaryDirectory() as folder:
    data = pathlib.Path(folder, "perf.data")
    times = {"dvae": 4000, "constituent": 1500, "disco": 1500, "convolutional": 40}[piece]
    command = ["perf", "record", "-q", "-F", "1999", "-e", "cpu-clock:u", "-o", data, options.jetlua, SCRIPTS / "work.lua", "--piece", piece, "--times", times]
    if subprocess.run([str(part) for part in command], env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
      return None
    main = output_of(["perf", "report", "-i", data, "--stdio", "--sort", "dso", "-q", "--comm", "jetlua"], stderr=subprocess.DEVNULL)
    found = {}
    for line in main.splitlines():
      fields = line.split()
      if len(fields) >= 2 and fields[0].endswith("%"):
        found[fields[1]] = float(fields[0][:-1]) / 100
    return found


def run(options):
  jetlua, settings = callgrind.countable(options.jetlua), environment(options.threads)
  store, rows = Store("waste"), []
  print("| model | instructions a step | of them in Lua | samples in Lua | heap calls a step | of Lua | of Swift | others | memory system calls |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|")
  for piece in options.pieces:
    counts, n = steps_of(jetlua, piece)
    lua = sum(count for name, count in counts.own.items() if "liblua" in (counts.library.get(name) or ""))
    heap = counts.called(HEAP)
    # realloc and the like call malloc themselves.
    for name in HEAP | {"_int_malloc", "_int_realloc", "_mid_memalign"}:
      heap.pop(name, None)
    by = {"Lua": 0, "Swift": 0, "others": 0}
    for caller, calls in heap.items():
      kind = "Swift" if "swift" in caller else "Lua" if "liblua" in (counts.library.get(caller) or "") or "allocat" in caller.lower() else "others"
      by[kind] += calls / n
    time = share_of_time(options, piece, settings)
    in_lua = None if time is None else sum(share for name, share in time.items() if "liblua" in name)
    row = {
      "piece": piece, "steps": n, "instructions": counts.total / n, "lua_instructions": lua / counts.total, "lua_time": in_lua,
      "heap": heap.total() / n, "by": by, "system": counts.called(SYSTEM).total() / n, "callers": {name: calls / n for name, calls in heap.most_common(8)}}
    rows.append(row)
    print(f"| {piece} | {row['instructions']:,.0f} | {row['lua_instructions']:.2%} | {'–' if in_lua is None else f'{in_lua:.2%}'} | {row['heap']:.1f} "
          f"| {by['Lua']:.1f} | {by['Swift']:.1f} | {by['others']:.1f} | {row['system']:.2f} |", flush=True)
  program = WORK / "hand_over"
  sources = sorted((REPOSITORY / "Sources/CThreads").glob("*.c"))
  compiler = next(name for name in ("clang", "cc", "gcc") if shutil.which(name))
  output_of([compiler, "-O2", "-I", REPOSITORY / "Sources/CThreads/include", REPOSITORY / "Tests/performance/hand_over.c", *sources, "-o", program, "-lpthread"])
  hand_over = json.loads(output_of([program, options.threads]))
  print(f"\nHanding a loop to {options.threads} threads and back, median ns: {hand_over}")
  store.put(rows=rows, hand_over=hand_over, threads=options.threads, machine=machine(), jetlua=subject(options))


def add(commands):
  parser = commands.add_parser("waste", help="allocations, Lua's share and thread hand-over of a training step")
  parser.add_argument("--pieces", type=lambda text: text.split(","), default=list(STEPS))
  parser.set_defaults(run=run)
