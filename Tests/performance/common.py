"""What the parts of `bench` share: where things are, processes, the results that they leave for the document, the machine's description."""

import atexit
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys

REFERENCE = pathlib.Path(__file__).resolve().parents[1] / "reference"
sys.path.append(str(REFERENCE))
from compare import REPOSITORY, SAMPLE, first_line, output_of
from compare import hardware as machine
from compare import subject as subject_of

SCRIPTS = REPOSITORY / "scripts/dev/performance"
WORK = REPOSITORY / ".build-performance"
MODELS = ("dvae", "constituent", "convolutional", "disco")


def description_of(model):
  """The file that says what the jets, weights and noise of a model are, with the scripts that make them in its name."""
  scripts = b"".join((SCRIPTS / name).read_bytes() for name in ("prepare.lua", "cases.lua"))
  return WORK / f"data/{model}-{hashlib.sha256(scripts).hexdigest()[:16]}.json"


def fail(message):
  sys.exit(f"bench: {message}")


def environment(threads):
  """What tells every library how many threads to use; compiled graphs are kept between runs, images are not."""
  count = str(threads)
  return os.environ | {
    "JETLUA_THREADS": count, "JETLUA_HOME": str(REPOSITORY), "JETLUA_CACHE": str(WORK / "cache"), "JETLUA_RUNS": str(WORK / "runs"),
    "OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count, "TF_NUM_INTRAOP_THREADS": count, "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=true", "TORCHINDUCTOR_CACHE_DIR": str(WORK / "inductor"), "JAX_COMPILATION_CACHE_DIR": str(WORK / "jax"),
    "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "1",
  }


def use_processors(count):
  """Everything started from here sees only so many processors, whatever the machine has."""
  os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def subject(options):
  return subject_of(options.jetlua)


def processor_seconds(children):
  """Of all programs so far, and of this one, what it waited for and the processes `children` that still run; and the time."""
  ticks = os.sysconf("SC_CLK_TCK")
  with open("/proc/stat") as file:
    fields = [int(field) for field in file.readline().split()[1:9]]
  times = os.times()
  own = times.user + times.system + times.children_user + times.children_system
  for child in children:
    stat = pathlib.Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    own += (int(stat[11]) + int(stat[12])) / ticks
  return (sum(fields) - fields[3] - fields[4]) / ticks, own, times.elapsed


def others_busy(before=None, children=()):
  """What to give this function at the end; and then how many processors other programs kept busy meanwhile, on average."""
  now = processor_seconds(children)
  if before is None:
    return now
  everything, own, elapsed = (b - a for a, b in zip(before, now))
  return max(0.0, (everything - own) / max(elapsed, 1e-3))


class Store:
  """The results of a part, a JSON file in the git-ignored folder; parts measured one by one are merged."""

  def __init__(self, part):
    self.path = WORK / "results" / f"{part}.json"
    self.values = json.loads(self.path.read_text()) if self.path.exists() else {}

  def put(self, **values):
    self.values.update(values)
    self.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = self.path.with_suffix(".new")
    temporary.write_text(json.dumps(self.values, indent=1, sort_keys=True) + "\n")
    temporary.rename(self.path)


class Child:
  """A process that answers commands, one line each, with lines of JSON. While it has answered and is asked nothing it and its children are
  stopped: threads that wait for their next piece of work keep a processor busy, or wake for moments, in the others' turns."""

  def __init__(self, name, command, settings, log):
    self.name = name
    self.log = open(log, "w")
    self.process = subprocess.Popen([str(part) for part in command], env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, process_group=0)
    atexit.register(self.end)

  def answer(self):
    line = self.process.stdout.readline()
    if not line:
      fail(f"{self.name} ended with status {self.process.wait()}; its complaint is in {self.log.name}")
    self.signal(signal.SIGSTOP)
    return json.loads(line)

  def signal(self, number):
    try:
      os.killpg(self.process.pid, number)
    except ProcessLookupError:
      pass

  def end(self):
    if self.process.returncode is None:
      self.signal(signal.SIGKILL)
      self.process.wait()

  def ask(self, *words):
    self.signal(signal.SIGCONT)
    print(*words, file=self.process.stdin, flush=True)
    return self.answer()

  def peak(self):
    """Largest resident memory so far, in MB."""
    with open(f"/proc/{self.process.pid}/status") as file:
      return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024

  def close(self):
    self.signal(signal.SIGCONT)
    self.process.stdin.close()
    self.process.wait()
    self.log.close()
