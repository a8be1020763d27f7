"""Instructions and calls of a run of jetlua, counted by valgrind's callgrind: one thread, no random numbers from outside, so that they repeat.

valgrind knows no AVX-512: what is counted are the kernels of x86-64-v3.
"""

import collections
import os
import pathlib
import re
import shutil
import subprocess

from common import REPOSITORY, WORK, fail

NAME = re.compile(r"\((\d+)\)(?: (.*))?")


def countable(jetlua):
  """A copy without debugging information, whose newer forms valgrind 3.19 cannot read; symbols stay."""
  for tool in ("valgrind", "objcopy", "swift-demangle"):
    if shutil.which(tool) is None and tool != "swift-demangle":
      fail(f"expected {tool} on the path; install it")
  WORK.mkdir(exist_ok=True)
  copy = WORK / "jetlua-counted"
  subprocess.run(["objcopy", "--strip-debug", str(jetlua), str(copy)], check=True)
  return copy


def settings():
  kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
  return kept | {
    "JETLUA_HOME": str(REPOSITORY), "JETLUA_THREADS": "1", "JETLUA_CACHE": str(WORK / "cache-counted"), "SWIFT_DETERMINISTIC_HASHING": "1",
    "HOME": str(WORK), "LC_ALL": "C", "TZ": "UTC", "JETLUA_RUNS": str(WORK / "runs"),
  }


class Counts:
  """`total` instructions; `own` by function, without those of what it called; `calls` by (caller, called); `library` of functions."""

  def __init__(self):
    self.own, self.calls, self.library = collections.Counter(), collections.Counter(), {}

  @property
  def total(self):
    return self.own.total()

  def called(self, names):
    """Calls of the functions of these names, by who made them."""
    found = collections.Counter()
    for (caller, name), count in self.calls.items():
      if name in names and count:
        found[caller] += count
    return found


def parse(path):
  counts, functions, objects = Counts(), {}, {}
  library = function = called = None
  of_call = False

  def named(table, text):
    number, name = NAME.fullmatch(text).groups()
    if name is not None:
      # Depths of recursion are one function.
      table[number] = re.sub(r"'\d+$", "", name)
    return table[number]

  with open(path) as file:
    for line in file:
      line = line.rstrip("\n")
      key, _, value = line.partition("=")
      if key == "fn":
        function = named(functions, value)
        counts.library.setdefault(function, library)
      elif key == "cfn":
        called = named(functions, value)
      elif key == "ob":
        library = pathlib.Path(named(objects, value)).name
      elif key == "cob":
        named(objects, value)
      elif key == "calls":
        counts.calls[function, called] += int(value.split()[0])
        # The next line is the cost of what was called, which is not the caller's own.
        of_call = True
      elif line and (line[0].isdigit() or line[0] in "+-*"):
        # A place and its cost, which is left out where it is nothing.
        fields = line.split()
        if not of_call and len(fields) > 1:
          counts.own[function] += int(fields[1])
        of_call = False
  return counts


def run(jetlua, *arguments, marked=False):
  """Counts of a whole run, or `marked` of what it does between its first two calls of the C library's clock."""
  for old in WORK.glob("callgrind.out*"):
    old.unlink()
  output = WORK / "callgrind.out"
  command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", *(["--dump-before=clock"] if marked else []), str(jetlua), *map(str, arguments)]
  done = subprocess.run(command, env=settings(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
  path = WORK / "callgrind.out.2" if marked else output
  if done.returncode != 0 or not path.exists():
    fail(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stderr[-2000:]}")
  return parse(path)


def demangled(names):
  """Names of Swift as a reader knows them."""
  names = list(names)
  if not names or shutil.which("swift-demangle") is None:
    return dict(zip(names, names))
  done = subprocess.run(["swift-demangle", "--compact", "--simplified"], input="\n".join(names), stdout=subprocess.PIPE, text=True, check=True)
  return dict(zip(names, done.stdout.split("\n")))
