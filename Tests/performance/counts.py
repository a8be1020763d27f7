"""`bench --check`: instructions of fixed pieces of work against those committed in counts.json; says what got more by over 10 %, and which functions.

A piece is counted without what makes it ready. Needs valgrind and Python's standard library only.
"""

import argparse
import json
import pathlib
import sys

import callgrind
from common import SCRIPTS, first_line

COMMITTED = pathlib.Path(__file__).with_name("counts.json")
# Times that each piece is done: valgrind takes some fifty times as long as the processor.
PIECES = {"start": 1, "dvae": 20, "constituent": 4, "convolutional": 1, "disco": 4, "ops": 2000, "images": 1000, "clustering": 200}
KEPT = 40


def counted(jetlua, piece):
  if piece == "start":
    return callgrind.run(jetlua, "-e", "")
  return callgrind.run(jetlua, SCRIPTS / "work.lua", "--piece", piece, "--times", PIECES[piece], marked=True)


def entry(counts):
  most = counts.own.most_common(KEPT)
  names = callgrind.demangled(name for name, _ in most)
  return {"total": counts.total, "functions": {names[name]: count for name, count in most}}


def growth(before, after, allowed):
  """What to say of a piece, or None: the functions that grew most, named where they are among those counted one by one."""
  if after["total"] <= before["total"] * (1 + allowed):
    return None
  more = {name: count - before["functions"].get(name, 0) for name, count in after["functions"].items()}
  grown = sorted((item for item in more.items() if item[1] > 0), key=lambda item: -item[1])[:3]
  extra = after["total"] - before["total"]
  named = "; ".join(f"{name} {count / extra:+.0%} of it" + ("" if name in before["functions"] else ", new here") for name, count in grown)
  return f"{after['total'] / before['total'] - 1:+.1%} instructions ({before['total']:,} -> {after['total']:,}): {named}"


def main():
  parser = argparse.ArgumentParser(prog="bench --check", description=__doc__)
  parser.add_argument("--jetlua", required=True, help="the executable")
  parser.add_argument("--write", action="store_true", help="commit these counts")
  parser.add_argument("--pieces", type=lambda text: text.split(","), default=list(PIECES), help=f"of {', '.join(PIECES)}")
  parser.add_argument("--allowed", type=float, default=0.10, help="growth that is no complaint (default 0.10)")
  options = parser.parse_args()
  jetlua = callgrind.countable(options.jetlua)
  # Which kernels run where valgrind emulates the processor, and by which tool they were counted.
  made_with = f"{first_line(['valgrind', '--version'])}, {first_line([options.jetlua, '--version']).split(' (')[0]}"
  committed = json.loads(COMMITTED.read_text()) if COMMITTED.exists() else {"pieces": {}}
  wrong, less = [], []
  for piece in options.pieces:
    if piece not in PIECES:
      parser.error(f"pieces: expected some of {', '.join(PIECES)}, got {piece}")
    now, before = entry(counted(jetlua, piece)), committed["pieces"].get(piece)
    times = PIECES[piece]
    print(f"{piece:14} {now['total'] / times:16,.0f} instructions {'in all' if times == 1 else 'each time':9}"
          + (f" {now['total'] / before['total'] - 1:+8.2%}" if before else "  no count committed"), flush=True)
    if options.write:
      committed["pieces"][piece], committed["made_with"] = now, made_with
      COMMITTED.write_text(json.dumps(committed, indent=1, sort_keys=True) + "\n")
    elif before is None:
      wrong.append(f"{piece}: no count is committed; run bench --check --write")
    elif text := growth(before, now, options.allowed):
      wrong.append(f"{piece}: {text}")
    elif now["total"] < before["total"] * (1 - options.allowed):
      less.append(piece)
  if less:
    print(f"bench: {', '.join(less)} got less by over {options.allowed:.0%}; commit that with bench --check --write")
  if wrong:
    sys.exit("bench: more instructions than committed (" + committed.get("made_with", "") + "):\n  " + "\n  ".join(wrong))


if __name__ == "__main__":
  main()
