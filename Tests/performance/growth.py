"""`bench growth`: how time and memory grow with jets, constituents, mixtures R, batch and threads; each in a process of its own."""

import json
import shutil

from common import SCRIPTS, WORK, Store, environment, machine, others_busy, output_of, subject

# What varies, and the options of scripts/dev/performance/growth.lua for each value; the others are R = 2, batch 256, 20,000 jets.
SERIES = {
  "jets": {"model": "dvae", "values": [10_000, 100_000, 300_000, 1_200_000], "option": "--jets"},
  "R": {"model": "dvae", "values": [2, 3, 5, 10], "option": "--mixtures"},
  "batch": {"model": "dvae", "values": [32, 100, 256, 1024, 4096], "option": "--batch"},
  "constituents": {"model": "constituent", "values": [10, 20, 50, 100, 200], "option": "--constituents"},
}
MODEL_THREADS = (("dvae", 256), ("constituent", 256), ("disco", 256), ("convolutional", 100))


def measured(options, threads, *arguments):
  shutil.rmtree(WORK / "cache", ignore_errors=True)
  return json.loads(output_of([options.jetlua, SCRIPTS / "growth.lua", *arguments], env=environment(threads)))


def show(name, value, result):
  print(f"| {name} | {value} | {result['preparation_seconds']:.2f} | {result['jets_per_second']:,.0f} | {result['epoch_seconds']:.3f} | {result['peak_mb']:.0f} |", flush=True)


def run(options):
  store = Store("growth")
  chosen = options.series or [*SERIES, "threads"]
  print("| what | value | made ready s | jets/s | epoch s | peak MB |\n|---|---:|---:|---:|---:|---:|")
  for name in chosen:
    before, rows = others_busy(), []
    if name == "threads":
      for model, batch in MODEL_THREADS:
        for threads in sorted({1, options.threads}):
          result = measured(options, threads, "--model", model, "--batch", batch, "--jets", 1000 if model == "convolutional" else 20_000)
          rows.append({"value": f"{model}, {threads}", "model": model, "threads": threads, **result})
          show(name, rows[-1]["value"], result)
    else:
      series = SERIES[name]
      for value in series["values"]:
        result = measured(options, options.threads, "--model", series["model"], series["option"], value)
        rows.append({"value": value, **result})
        show(name, value, result)
    store.put(**{name: {"rows": rows, "busy": others_busy(before), "jetlua": subject(options)}, "machine": machine()})


def add(commands):
  parser = commands.add_parser("growth", help="time against jets, constituents, R, batch and threads")
  parser.add_argument("--series", type=lambda text: text.split(","), help=f"of {', '.join(SERIES)}, threads")
  parser.set_defaults(run=run)
