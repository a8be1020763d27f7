"""`bench peers`: trains a model in jetlua and in every peer, in turns, on the same jets with the same batch, and compares losses and speed."""

import json
import statistics
import sys
import time

from common import MODELS, REPOSITORY, SCRIPTS, WORK, Child, Store, description_of, environment, fail, machine, others_busy, output_of, subject

NAMES = {
  "pytorch:eager": "PyTorch eager", "pytorch:compile": "PyTorch torch.compile", "pytorch:sparse": "PyTorch eager, embedding_bag",
  "pytorch:sparse_compile": "PyTorch torch.compile, embedding_bag", "jax:step": "JAX, jit of a step", "jax:scan": "JAX, jit of an epoch",
  "tensorflow:graph": "TensorFlow/Keras, tf.function", "tensorflow:xla": "TensorFlow/Keras, XLA",
}
# The same float32 arithmetic in another order: how far losses of the same step may lie apart.
SAME = 1e-4
# Seconds between two turns, for the processors to come to rest.
PAUSE = 0.3


def forms(model):
  """Those that make sense: rows of active pixels are images of the Dirichlet-VAE; a scan of convolutions runs on one thread; outside of XLA
  TensorFlow 2.21 sums the gradients of the first convolutions' biases so that the second loss is off by half a percent."""
  without = {"convolutional": ("sparse", "jax:scan", "tensorflow:graph")}.get(model, () if model == "dvae" else ("sparse",))
  return [form for form in NAMES if not any(part in form for part in without)]


def disagreement(ours, theirs):
  return max(abs(a - b) / max(abs(a), 1e-3) for a, b in zip(ours, theirs, strict=True))


def prepared(options, model, settings):
  """The file of jets, weights and noise of a model, made once as long as the scripts that make it stay the same, and what is known of it."""
  folder, description = WORK / "data", description_of(model)
  folder.mkdir(parents=True, exist_ok=True)
  if not description.exists():
    text = output_of([options.jetlua, SCRIPTS / "prepare.lua", "--model", model, "--folder", folder], env=settings)
    description.write_text(text)
  return folder / f"{model}.npz", json.loads(description.read_text())


def measure(options, model, batch, children, case, seeds, store):
  found = {name: {"rates": [], "losses": None, "last": None} for name in children}
  for name, child in children.items():
    found[name]["losses"] = child.ask("check", batch, case["check"])["losses"]
  apart = {name: disagreement(found["jetlua"]["losses"], found[name]["losses"]) for name in children}
  running = [child.process.pid for child in children.values()]
  before = others_busy(children=running)
  for turn in range(options.rounds + 1):
    for name, child in children.items():
      time.sleep(PAUSE)
      run = child.ask("train", batch, case["epochs"])
      found[name]["last"] = run["losses"][-1]
      # The first round warms up and compiles.
      if turn > 0:
        found[name]["rates"] += [run["jets"] / seconds for seconds in run["seconds"]]
  busy = others_busy(before, running)
  lasts = [found["jetlua"]["last"]]
  for child in seeds:
    child.ask("check", batch, case["check"])
    lasts.append(child.ask("train", batch, case["epochs"] * (options.rounds + 1))["losses"][-1])
  spread = max(lasts) - min(lasts)
  epochs = case["epochs"] * (options.rounds + 1)
  wrong = [f"{name}: a loss of the first {case['check']} steps differs by {value:.1e} of itself" for name, value in apart.items() if not value <= SAME]
  wrong += [
    f"{name}: loss {found[name]['last']:.5f} after {epochs} more epochs, jetlua {min(lasts):.5f} – {max(lasts):.5f} with {len(lasts)} seeds"
    for name in children if not min(lasts) - 2 * spread <= found[name]["last"] <= max(lasts) + 2 * spread]
  best = max((statistics.median(found[name]["rates"]), name) for name in children if name != "jetlua")
  rows = []
  for name in children:
    rates = found[name]["rates"]
    rows.append({
      "name": name, "min": min(rates), "median": statistics.median(rates), "max": max(rates), "apart": apart[name], "last": found[name]["last"],
      "ratio": statistics.median(rates) / best[0], "peak_mb": children[name].peak()})
    print(f"| {batch} | {NAMES.get(name, name)} | {rows[-1]['min']:,.0f} | {rows[-1]['median']:,.0f} | {rows[-1]['max']:,.0f} | {rows[-1]['ratio']:.2f} "
          f"| {apart[name]:.1e} | {found[name]['last']:.5f} |", flush=True)
  store.put(**{str(batch): {
    "rows": rows, "best": best[1], "seeds": lasts, "steps_checked": case["check"], "epochs": epochs, "rounds": options.rounds, "busy": busy,
    "wrong": wrong, "jetlua": subject(options)}})
  return [f"{model}, batch {batch}: {text}" for text in wrong]


def run(options):
  wrong = []
  for model in [options.model] if options.model else MODELS:
    settings = environment(options.threads)
    data, case = prepared(options, model, settings)
    logs = WORK / "logs"
    logs.mkdir(exist_ok=True)

    def own(seed):
      return Child("jetlua", [options.jetlua, SCRIPTS / "train.lua", "--model", model, "--folder", WORK / "data", "--seed", seed], settings, logs / f"jetlua-{seed}.txt")

    children = {"jetlua": own(1)}
    for form in options.forms or forms(model):
      framework, kind = form.split(":")
      command = [sys.executable, REPOSITORY / f"Tests/performance/peer_{framework}.py", "--model", model, "--form", kind, "--data", data,
                 "--settings", json.dumps(case), "--threads", options.threads]
      children[form] = Child(form, command, settings, logs / f"{framework}-{kind}.txt")
    seeds = [own(seed) for seed in range(2, 2 + options.seeds)]
    versions = [child.answer().get("version") for child in [*children.values(), *seeds]]
    store = Store(f"peers-{model}")
    store.put(title=case["title"], jets=case["jets"], threads=options.threads, machine=machine(), versions=sorted({v for v in versions if v}))
    print(f"\n{case['title']}, {case['jets']:,} jets, {options.threads} threads: jets per second\n")
    print("| batch | what | min | median | max | of the best peer | losses apart | last loss |\n|---:|---|---:|---:|---:|---:|---:|---:|")
    for batch in options.batches:
      wrong += measure(options, model, batch, children, case, seeds, store)
    for child in [*children.values(), *seeds]:
      child.close()
  if wrong:
    fail("losses disagree:\n  " + "\n  ".join(wrong))


def add(commands):
  parser = commands.add_parser("peers", help="training speed and losses beside PyTorch, JAX and TensorFlow")
  parser.add_argument("--model", choices=MODELS, help="all four if left out")
  parser.add_argument("--batches", type=lambda text: [int(part) for part in text.split(",")], default=[100, 256, 1024])
  parser.add_argument("--forms", type=lambda text: text.split(","), help=f"of {', '.join(NAMES)}")
  parser.add_argument("--rounds", type=int, default=5, help="turns of each (default 5), after one that warms up")
  parser.add_argument("--seeds", type=int, default=5, help="further seeds of jetlua that say how far last losses may lie apart")
  parser.set_defaults(run=run)
