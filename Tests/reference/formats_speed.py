#!/usr/bin/env python3
"""Makes a file of every format and times jetlua on it beside h5py, NumPy, pandas and JetNet, alternately, from the page cache.

Prints a Markdown table. One process per measurement: its times are those of the reading alone, its peak memory is what it adds to its
own anonymous memory between the start of the reading and its end. Of the repetitions the fastest counts, on each side.
"""

import sys
import tempfile

from formats_running import REPOSITORY, arguments, folder_of, machine, run, warm


def main():
  parser = arguments(__doc__)
  parser.add_argument("--jets", type=int, default=100_000, help="rows of a community file; the other formats in proportion")
  parser.add_argument("--repetitions", type=int, default=3)
  parser.add_argument("--passes", type=int, default=4, help="times that a process reads the file, where that takes some hundredths of a second")
  parser.add_argument("--formats", default="", help="only those whose name contains one of these texts, separated by semicolons")
  parser.add_argument("--readings", default="particles,columns,constituents,images", help="what jetlua reads")
  parser.add_argument("--jetnet", help="a Python with the jetnet package, whose readers are timed too")
  options = parser.parse_args()
  with folder_of(options) as folder:
    measure(options, folder)


def measure(options, folder):
  import formats_made

  rows = []
  for name, file in formats_made.FORMATS.items():
    if not any(text in name for text in options.formats.split(";")):
      continue
    path = folder / file.name
    if not path.exists():
      print(f"formats: making {path.name}", file=sys.stderr)
      run([sys.executable, formats_made.__file__, name, path, options.jets])
    rows.append(row(options, name, file, path))
    print(f"formats: {line(rows[-1])}", file=sys.stderr)
    if not options.folder:
      path.unlink()
  header = "format;file, MB;jets;particles;columns;constituents;images;peak, MB;beside it;reads;peak, MB;particles;columns".split(";")
  # Readings that nobody asked for have no column.
  used = [number for number, name in enumerate(header) if name not in ("constituents", "images") or any(cells[number] for cells in rows)]
  for cells in (header, ["---:" if number not in (0, 8) else "---" for number in range(len(header))], *rows):
    print(line([cells[number] for number in used]))
  print(f"\n{machine(options.jetlua)}")


def row(options, name, file, path):
  """Rounds of one process of each side, so that a slow minute of the machine meets all of them."""
  jetlua = {what: [] for what in file.readings if what in options.readings.split(",") or file.readings == ("images",)}
  others = {what: [] for what in file.others if what != "jetnet" or options.jetnet}
  # Images and constituents may be found in the cache the second time, and the others take long enough.
  quick = file.quick and options.passes or 1
  warm(path)
  for _ in range(options.repetitions):
    for what, runs in jetlua.items():
      with tempfile.TemporaryDirectory(dir=path.parent) as cache:
        script = REPOSITORY / "scripts/dev/bench_formats.lua"
        runs.append(run([options.jetlua, script, "--file", path, "--what", what, "--layout", file.layout,
                         "--batch", 1280 * 200 // file.slots, "--passes", quick if what in ("particles", "columns") else 1], JETLUA_CACHE=cache))
    for what, runs in others.items():
      python = options.jetnet if what == "jetnet" else sys.executable
      runs.append(run([python, REPOSITORY / "Tests/reference/formats_read.py", what, path, file.array, quick if what in ("h5py", "NumPy") else 1]))
  jets = next(iter(jetlua.values()))[0]["jets"]

  def rate(runs):
    return jets / min(one["seconds"] for one in runs)

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
  return cells


def line(cells):
  return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
  main()
