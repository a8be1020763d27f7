"""`bench document`: docs/performance.md, written from the results that the other parts left, and from remarks.md."""

import json
import pathlib

import arithmetic
from common import MODELS, REPOSITORY, Store, description_of, machine
from peers import NAMES

PAGE = REPOSITORY / "docs/performance.md"
REMARKS = pathlib.Path(__file__).with_name("remarks.md")
# Ratios to the best peer that jetlua is to reach: at least, and the goal.
WANTED = {
  "dvae": {100: (6, 8), 256: (8, 10), 1024: (6, 8)}, "constituent": {100: (1.3, 1.7), 256: (1.2, 1.5), 1024: (1.0, 1.1)},
  "convolutional": {100: (1.4, 2), 256: (1.8, 2.5)}, "disco": {}, "experiment": (6, 10), "term": (50, 100),
}


class Missing(Exception):
  """A part that was not measured."""


def results(part):
  values = Store(part).values
  if not values:
    raise Missing(part.replace("peers-", "peers --model "))
  return values


def table(head, rows):
  """Markdown; columns after the first that hold numbers are set to the right."""
  names = head.split("|")
  marks = ["---" if i == 0 or name.endswith("<") else "---:" for i, name in enumerate(names)]
  lines = ["| " + " | ".join(name.rstrip("<") for name in names) + " |", "|" + "|".join(marks) + "|"]
  return "\n".join([*lines, *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)])


def verdict(ratio, wanted):
  if wanted is None:
    return "–"
  floor, goal = wanted
  reached = "goal" if ratio >= goal else "at least" if ratio >= floor else f"missed by {1 - ratio / floor:.0%}"
  return f"{floor} / {goal}: {reached}"


def bound(model, batch, active, limits):
  return sum(arithmetic.microseconds(part, limits) for part in arithmetic.step(model, batch, active))


def peers(model, limits, active):
  found = Store(f"peers-{model}").values
  batches = sorted((key for key in found if key.isdigit()), key=int)
  if not batches or not limits:
    return f"### {model}\n\nNot measured yet: `scripts/dev/bench peers --model {model}`.\n"
  rows, checks = [], []
  for key in batches:
    one, batch = found[key], int(key)
    ours = next(row for row in one["rows"] if row["name"] == "jetlua")
    share = bound(model, batch, active, limits) / (batch / ours["median"] * 1e6)
    for row in one["rows"]:
      own, name = row["name"] == "jetlua", NAMES.get(row["name"], row["name"])
      rows.append([
        key, f"**{name}**" if own or row["name"] == one["best"] else name, f"{row['min']:,.0f}", f"{row['median']:,.0f}", f"{row['max']:,.0f}",
        f"{row['ratio']:.2f}", verdict(row["ratio"], WANTED[model].get(batch)) if own else "", f"{share:.2f}" if own else ""])
    lasts = [row["last"] for row in one["rows"]]
    checks.append([
      key, one["steps_checked"], f"{max(row['apart'] for row in one['rows']):.0e}", one["epochs"], f"{min(lasts):.4f} – {max(lasts):.4f}",
      f"{min(one['seeds']):.4f} – {max(one['seeds']):.4f}", "no: " + "; ".join(one["wrong"]) if one["wrong"] else "yes"])
  return "\n".join([
    f"### {found['title']}\n\n{found['jets']:,} jets of the bundled sample.\n",
    table("batch|what<|min|median|max|of the best peer|wanted: at least / goal|of the bound", rows) + "\n",
    table("batch|steps compared|losses apart at most|epochs trained|last losses of all|of jetlua's seeds|agree", checks) + "\n"])


def limits_section(found, active):
  if not found or not active:
    raise Missing("limits")
  names = {
    "gemm_2048": "matrix product 2048 × 2048, GFLOP/s", "gemm_256": "matrix product 256 × 256, GFLOP/s", "copy_cache": "copy of 1 MB, GB/s read and written",
    "copy_memory": "copy of 256 MB, GB/s read and written", "exp": "exp of 65,536 numbers, G/s"}
  threads = sorted(found)
  head = "limit|" + "|".join(f"{who}, {count} thread{'s' * (count != '1')}" for count in threads for who in ("PyTorch", "jetlua"))
  return table(head, [[title, *(f"{found[count][prefix + key]:.1f}" for count in threads for prefix in ("", "jetlua_"))] for key, title in names.items()]) + (
    "\n\n*Of the bound* below is the least time of a step's arithmetic at the best of these rates, one part after the other (operations at the rate of the large product, exponentials at "
    f"that of exp, Adam's {arithmetic.ADAM_BYTES} bytes a parameter at that of the copy in the cache), over the time it took. Jets have {active:.1f} lit pixels of "
    f"{arithmetic.PIXELS} on average.")


def profile_section(found, limits, active):
  if not limits:
    raise Missing("limits")
  one = found["dvae"]
  parts = {part[0]: arithmetic.microseconds(part, limits) for part in arithmetic.step("dvae", one["batch"], active)}
  # Which op does which part of the arithmetic.
  places = {
    "linear": "first layer", "linear, gradient": "first layer, gradient", "mixture_nll": "decoder, softmax, cross-entropy, gradient", "step": "Adam",
    "gaussian_heads": "SELU, posterior and its gradient"}
  rows = []
  for name, value in sorted(one["ops"].items(), key=lambda item: -item[1]):
    if value < 0.005 * one["whole"]:
      continue
    least = parts.get(places.get(name))
    rows.append([name, f"{value:.1f}", f"{value / one['whole']:.1%}", f"{least:.1f}" if least else "", f"{least / value:.2f}" if least else ""])
  text = [table("op|µs|share|least µs by the limits|of the limit", rows)]
  if one.get("functions"):
    text.append("\nThe same training without the profiler, by native function: shares of perf's samples of both threads; `worker` is a thread that waits for work.\n")
    text.append(table("function|share", [[f"`{name}`", f"{share:.1%}"] for name, share in one["functions"].items() if share >= 0.01]))
  others = []
  for piece in "constituent", "convolutional":
    if piece in found:
      top = sorted(found[piece]["ops"].items(), key=lambda item: -item[1])[:6]
      others.append(f"{piece}, batch {found[piece]['batch']}, {found[piece]['whole'] / 1e3:.2f} ms: " + ", ".join(f"{name} {value / found[piece]['whole']:.0%}" for name, value in top))
  text.insert(0, f"`bench steps`: one step of the Dirichlet-VAE, batch {one['batch']}, {one['whole']:.0f} µs under `jetlua --profile`.\n")
  return "\n".join(text) + "\n\nThe other models' steps: " + "; ".join(others) + "."


def growth_section(found):
  titles = {"jets": "jets", "constituents": "constituents of a jet", "R": "mixtures R", "batch": "batch", "threads": "model, threads"}
  text = []
  text.append(
    "`bench growth`: one run each; the fastest epoch after the first. Jets beyond the 20,000 of the bundled sample are drawn from it with repetition, and each distinct jet's image is "
    "made once (`bench large` reads and makes 1.2 million). *Made ready* is reading, images or constituents.\n")
  for key, title in titles.items():
    if key not in found:
      continue
    rows = [[f"{row['value']:,}" if isinstance(row["value"], int) else row["value"], f"{row['preparation_seconds']:.2f}", f"{row['epoch_seconds']:.3f}",
             f"{row['jets_per_second']:,.0f}", f"{row['peak_mb']:.0f}"] for row in found[key]["rows"]]
    text.append(table(f"{title}|made ready, s|epoch, s|jets/s|peak MB", rows) + "\n")
  return "\n".join(text)


def waste_section(found):
  rows = [[row["piece"], f"{row['instructions']:,.0f}", f"{row['lua_instructions']:.2%}", "–" if row["lua_time"] is None else f"{row['lua_time']:.2%}", f"{row['heap']:.1f}",
           f"{row['by']['Lua']:.1f}", f"{row['by']['Swift']:.1f}", f"{row['by']['others']:.1f}", f"{row['system']:.2f}"] for row in found["rows"]]
  hand_over = found["hand_over"]
  intro = (
    "`bench waste`: exact counts by callgrind of some steps after a warm-up, on one thread with the kernels of x86-64-v3; samples of perf in Lua's library on "
    f"{found['threads']} threads. Tensors come from a pool: what is allocated are the objects that describe them and the graph.\n\n")
  return intro + table("model|instructions a step|of them in Lua|samples in Lua|calls of malloc and the like a step|by Lua|by Swift|by others|mmap, brk and the like a step", rows) + (
    f"\n\nA loop handed to {found['threads']} threads and back, median: {hand_over['at_once'] / 1e3:.2f} µs right after another, {hand_over['after_10_us'] / 1e3:.2f} µs after "
    f"10 µs of other work, {hand_over['after_1_ms'] / 1e3:.1f} µs after 1 ms, when the workers sleep.")


def experiment_section():
  found = results("experiment")
  rows = [[row["name"], f"{row['min']:.2f}", f"{row['median']:.2f}", f"{row['max']:.2f}", f"{row['ratio']:.1f}", ", ".join(f"{a:.3f}" for a in row["auc"])] for row in found["rows"]]
  return (
    f"`bench experiment`: {found['epochs']} epochs of batch 256 on 18,000 of the 20,000 jets of the bundled sample, images made from the file, the rest judged; whole processes, "
    f"their start included. Wanted: {verdict(found['rows'][0]['ratio'], WANTED['experiment'])}.\n\n"
    + table("what|min s|median s|max s|times as fast as the best peer|AUC of each seed", rows))


def disco_section():
  found = results("disco")["rows"]
  rows = [[f"{row['jets']:,}", f"{row['ours']['term_ms']:.2f}", f"{row['theirs']['term_ms']:.1f}", f"{row['ratio']:.0f}", f"{row['theirs']['peak_mb']:,.0f}",
           f"{row['ours']['step_ms']:.1f}", f"{row['ours']['plain_ms']:.1f}"] for row in found]
  return (
    "`bench disco`: the distance correlation of a batch and its gradient, in O(N log N), beside the form of all pairs in PyTorch; values and gradients agree to 1e-3. "
    f"Wanted of 20,000 jets: {verdict(found[-1]['ratio'], WANTED['term']) if found[-1]['jets'] == 20000 else 'not measured'}.\n\n"
    + table("jets|jetlua ms|PyTorch ms|ratio|PyTorch peak MB|step of the DisCo-VAE ms|the step without the term ms", rows))


def start_section():
  found = results("start")
  rows = [[f"`{row['name']}`", f"{row['min']:.1f}", f"{row['median']:.1f}", row["runs"], "–" if row["peak_mb"] is None else round(row["peak_mb"])] for row in found["rows"]]
  # The results are kept with their keys in alphabetical order.
  most = sorted(found["libraries"].items(), key=lambda item: -item[1])[:4]
  shares = ", ".join(f"{name} ({count / found['instructions']:.0%})" for name, count in most)
  return (f"`bench start`. `jetlua -e \"\"` executes {found['instructions']:,} instructions, most of them in {shares}.\n\n"
          + table("command|min ms|median ms|runs|peak MB", rows))


def section(title, body, *arguments):
  """A heading and what the function makes below it, or which part is still to be measured."""
  try:
    return f"## {title}\n\n{body(*arguments).strip()}\n"
  except Missing as part:
    return f"## {title}\n\nNot measured yet: `scripts/dev/bench {part}`.\n"


def run(options):
  limits, described = Store("limits").values.get("limits"), description_of("dvae")
  # Without the limits no part is compared with them, and the page says which parts are missing.
  most = limits[str(options.threads)] if limits else None
  active = json.loads(described.read_text())["active"] if described.exists() else None
  versions = sorted({version for model in MODELS for version in Store(f"peers-{model}").values.get("versions", [])})
  measured = sorted({one["jetlua"] for model in MODELS for key, one in Store(f"peers-{model}").values.items() if key.isdigit()})
  text = f"""# Performance

Written by `scripts/dev/bench`, which measures all of this beside what a user could pick instead; run it on your own machine. Speeds of a shared machine change from minute to minute: compare what stands in one table, where everything took turns.

{machine()}, of which {options.threads} used by each; {'; '.join([*measured, *versions]) or 'nothing trained yet'}. {busy_text()}

{section('Limits of the machine', limits_section, limits, active)}
## Training

Jets per second in the training loop: `bench peers`. Every framework trains the same model from the same weights on the same jets with the same batch and Adam, {options.threads} threads each, in processes that take turns, after a turn that warms up. Losses of the first
steps, on the same jets with the same noise, must agree to 1e-4 of themselves; those at the end, of shuffled jets and each framework's own noise, must lie within twice the range of jetlua's own seeds around it. The command fails otherwise.

{chr(10).join(peers(model, most, active) for model in MODELS)}
{section('From the file to the ROC curve', experiment_section)}
{section('DisCo', disco_section)}
{section('Start', start_section)}
{section('Memory', memory_section)}
{section('Growth', lambda: growth_section(results('growth')))}
{section('A step, taken apart', lambda: profile_section(results('steps'), most, active))}
{section('What a step does besides', lambda: waste_section(results('waste')))}
## The guard

`scripts/dev/bench --check` counts the instructions of fixed pieces of work and compares them with those committed in `Tests/performance/counts.json`; what got more by over 10 % is named with the functions that grew, and the status is 1.
{REMARKS.read_text() if REMARKS.exists() else ''}"""
  temporary = PAGE.with_suffix(".new")
  temporary.write_text("\n".join(line.rstrip() for line in text.rstrip().split("\n")) + "\n")
  temporary.rename(PAGE)
  print(f"{PAGE.relative_to(REPOSITORY)} is written")


def busy_text():
  """On average over the measurements, and at most."""
  shares = [Store(part).values["busy"] for part in ("limits", "experiment", "disco", "start", "steps") if "busy" in Store(part).values]
  shares += [one["busy"] for model in MODELS for key, one in Store(f"peers-{model}").values.items() if key.isdigit()]
  shares += [one["busy"] for one in Store("growth").values.values() if isinstance(one, dict)]
  if not shares:
    return ""
  return f"Other programs kept {sum(shares) / len(shares):.2f} of the processors busy meanwhile, on average over the parts, {max(shares):.2f} at most."


def memory_section():
  if not any(Store(f"peers-{model}").values for model in MODELS):
    raise Missing("peers")
  names = ("jetlua", "pytorch:eager", "jax:step", "tensorflow:xla")
  rows = []
  for model in MODELS:
    found = Store(f"peers-{model}").values
    for key in sorted((key for key in found if key.isdigit()), key=int):
      peaks = {row["name"]: row["peak_mb"] for row in found[key]["rows"]}
      rows.append([model, key, *(f"{peaks[name]:,.0f}" if name in peaks else "–" for name in names)])
  return "Largest resident memory of the processes of *Training* so far at the end of the batch, MB.\n\n" + table(
    "model|batch|" + "|".join(NAMES.get(name, name) for name in names), rows)


def add(commands):
  parser = commands.add_parser("document", help="docs/performance.md from the results kept")
  parser.set_defaults(run=run)
