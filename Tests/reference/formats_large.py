#!/usr/bin/env python3
"""Makes two files of more than a million rows from the jets of the bundled sample, and measures jetlua on them: time, and peak of the
anonymous memory of its process.

1.2 million jets in the layout of the community set (Blosc): opened, made into images, one epoch of shuffled batches. 1.1 million events in
the layout of the LHC Olympics (pandas, fixed format, Blosc): clustered while they are read, and read a second time.
"""

import pathlib
import sys
import tempfile

import numpy as np
from formats_running import REPOSITORY, arguments, folder_of, machine, run, warm


def main():
  parser = arguments(__doc__)
  parser.add_argument("--jets", type=int, default=1_200_000)
  parser.add_argument("--events", type=int, default=1_100_000)
  options = parser.parse_args()
  with folder_of(options) as folder:
    measure(options, folder)


def measure(options, folder):
  rows = []
  for name, make, count, what in (("community set", community, options.jets, "images"), ("LHC Olympics", olympics, options.events, "events")):
    path = folder / f"large_{what}.h5"
    if count and not path.exists():
      print(f"large: making {path.name}", file=sys.stderr)
      make(path, count)
    if not count:
      continue
    warm(path)
    with tempfile.TemporaryDirectory(dir=folder) as cache:
      for round in ("first", "again"):
        got = run([options.jetlua, REPOSITORY / "scripts/dev/bench_large.lua", "--file", path, "--what", what], JETLUA_CACHE=cache)
        kept = sum(file.stat().st_size for file in pathlib.Path(cache).rglob("*"))
        times = ", ".join(f"{step} {seconds:.1f}" for step, seconds in got["steps"])
        rows.append(f"| {name} | {path.stat().st_size / 1e6:,.0f} | {got['rows']:,} | {round} | {times} | {got['whole_peak']:,.0f} | {kept / 1e6:,.0f} |")
        print(f"large: {rows[-1]}", file=sys.stderr)
  print("| file | MB | rows | time | seconds | peak, MB | kept in the cache, MB |")
  print("|---|---:|---:|---|---|---:|---:|")
  print("\n".join(rows))
  print(f"\n{machine(options.jetlua)}")


def community(path, jets):
  """In pieces, as a user would who has not the memory."""
  import pandas as pd
  from formats_made import NAMES, TRUTH, momenta
  values, label = momenta(20_000)
  random = np.random.default_rng(4)
  with pd.HDFStore(path, "w", complevel=5, complib="blosc:zstd") as store:
    for start in range(0, jets, 20_000):
      order = random.permutation(20_000)[: jets - start]
      columns = np.concatenate([values[order].reshape(len(order), 800), np.zeros((len(order), 4), "float32")], 1)
      index = np.arange(start, start + len(order))
      frame = pd.concat([
          pd.DataFrame(columns, columns=NAMES + TRUTH, index=index),
          pd.DataFrame({"ttv": np.zeros(len(order), "int64"), "is_signal_new": label[order]}, index=index)], axis=1)
      store.append("table", frame, format="table", index=False, expectedrows=jets)


def olympics(path, events):
  """Two jets and 120 soft particles on average, each event turned about the beam by an angle of its own; what pandas writes of the frame."""
  import h5py
  import hdf5plugin
  from formats_made import momenta, polar
  count = 10_000
  values, label = momenta(2 * count, 100)
  pt, eta, phi, there = polar(values)
  random = np.random.default_rng(5)
  made = np.zeros((count, 2101), "float64")
  for i in range(count):
    parts = [np.stack([pt[j], eta[j], phi[j] + np.pi * (j % 2)], -1)[there[j]] for j in (2 * i, 2 * i + 1)]
    soft = min(random.poisson(120), 700 - sum(map(len, parts)))
    parts.append(np.stack([random.exponential(1.5, soft) + 0.5, random.uniform(-2.5, 2.5, soft), random.uniform(-np.pi, np.pi, soft)], -1))
    particles = np.concatenate(parts).astype("float32")
    made[i, : particles.size] = particles.ravel()
    made[i, -1] = label[2 * i]
  used = made[:, 0:2100:3] > 0
  with h5py.File(path, "w") as file:
    group = file.create_group("df")
    group["axis0"], group["block0_items"], group["axis1"] = np.arange(2101), np.arange(2101), np.arange(events)
    block = group.create_dataset("block0_values", (events, 2101), "float64", chunks=(16, 2101), **hdf5plugin.Blosc(cname="blosclz", clevel=5, shuffle=1))
    for start in range(0, events, count):
      piece = made[random.permutation(count)[: events - start]]
      used = piece[:, 0:2100:3] > 0
      turned = (piece[:, 2:2100:3] + random.uniform(-np.pi, np.pi, (len(piece), 1)) + np.pi) % (2 * np.pi) - np.pi
      piece[:, 2:2100:3] = np.where(used, turned.astype("float32"), 0)
      block[start : start + len(piece)] = piece


if __name__ == "__main__":
  main()
