"""Reads a submit description of `jetlua sweep … --htcondor FILE` with HTCondor's own parser and prints its jobs.
Needs PyPI's htcondor: `python Tests/reference/htcondor_check.py sweep.sub`."""

import sys

try:
    import htcondor2 as htcondor
except ImportError:
    import htcondor

description = htcondor.Submit(open(sys.argv[1]).read())
items = list(description.itemdata())
print(len(items), "jobs")
for key in ["executable", "arguments", "on_exit_remove", "request_memory", "request_cpus"]:
    print(key, "=", description.expand(key) if key != "arguments" else description["arguments"])
for item in items:
    print(item)
assert items and all(description.get(key) for key in ["executable", "arguments", "output", "log"])
