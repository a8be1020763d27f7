#!/usr/bin/env python3
"""The parts of scripts/dev/bench that compare jetlua with its peers and with the machine's limits. Each leaves its results in a git-ignored
folder, from which `document` writes docs/performance.md."""

import argparse
import importlib

import common

PARTS = ("peers", "experiment", "disco", "start", "growth", "limits", "waste", "steps", "document")


def main():
  parser = argparse.ArgumentParser(prog="bench", description=__doc__)
  parser.add_argument("--jetlua", required=True, help="the executable")
  parser.add_argument("--threads", type=int, default=2)
  commands = parser.add_subparsers(required=True, dest="part")
  for part in PARTS:
    importlib.import_module(part).add(commands)
  options = parser.parse_args()
  common.use_processors(options.threads)
  options.run(options)


if __name__ == "__main__":
  main()
