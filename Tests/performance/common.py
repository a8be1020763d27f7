"""What the parts of `bench` share: where things are, processes, the results that they leave for the document, the machine's description."""

import json
import os
import pathlib
import platform
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = REPOSITORY / "scripts/dev/performance"
WORK = REPOSITORY / ".build-performance"
SAMPLE = REPOSITORY / "scripts/data/top_tagging_sample.h5"
MODELS = ("dvae", "constituent", "convolutional", "disco")


def fail(message):
  sys.exit(f"bench: {message}")


def output_of(command, **settings):
  """What a command prints; its own complaint and status end this program if it fails."""
  done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, **settings)
  if done.returncode != 0:
    fail(f"{command[0]} ended with status {done.returncode}")
  return done.stdout


def first_line(command):
  try:
    return output_of(command, stderr=subprocess.DEVNULL).splitlines()[0]
  except (OSError, IndexError):
    return "unknown"


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


def machine():
  cpu = platform.processor()
  with open("/proc/cpuinfo") as file:
    for line in file:
      if line.startswith("model name"):
        cpu = line.split(":", 1)[1].strip()
        break
  gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
  return f"{cpu}, {os.cpu_count()} processors, {gibibytes:.0f} GiB; {platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}"


def subject(options):
  """Which jetlua and which commit of it are measured."""
  commit = first_line(["git", "-C", REPOSITORY, "describe", "--always", "--dirty"])
  return f"{first_line([options.jetlua, '--version'])}, commit {commit}"


def others_busy(before=None):
  """Processor seconds of all programs so far and of this one with what it started and waited for; or, given such numbers of before, how many
  processors other programs kept busy since. Children that still run are given by their id."""
  ticks = os.sysconf("SC_CLK_TCK")
  with open("/proc/stat") as file:
    fields = [int(field) for field in file.readline().split()[1:9]]
  times = os.times()
  now = {"all": (sum(fields) - fields[3] - fields[4]) / ticks, "own": times.user + times.system + times.children_user + times.children_system, "at": times.elapsed}
  if before is None:
    return now
  return max(0.0, (now["all"] - before["all"] - now["own"] + before["own"]) / max(now["at"] - before["at"], 1e-3))


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
  """A process that answers commands, one line each, with lines of JSON."""

  def __init__(self, name, command, settings, log):
    self.name = name
    self.log = open(log, "w")
    self.process = subprocess.Popen([str(part) for part in command], env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)

  def answer(self):
    line = self.process.stdout.readline()
    if not line:
      fail(f"{self.name} ended with status {self.process.wait()}; its complaint is in {self.log.name}")
    return json.loads(line)

  def ask(self, *words):
    print(*words, file=self.process.stdin, flush=True)
    return self.answer()

  def peak(self):
    """Largest resident memory so far, in MB."""
    with open(f"/proc/{self.process.pid}/status") as file:
      return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024

  def close(self):
    self.process.stdin.close()
    self.process.wait()
    self.log.close()
