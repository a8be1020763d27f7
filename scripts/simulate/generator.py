"""Events of Pythia as arrays."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pythia8mc

from detector import Particles
from processes import Cuts, Process, common

# The two particles that leave the hard process, in Pythia's event record.
OUTGOING = (5, 6)
MOST_PRONGS = 4


@dataclass(frozen=True)
class Events:
    """`count` events: their stable particles, and `truth` [count, 2, 5, 4]: px, py, pz, E of each resonance at its decay and of its quarks.

    Rows of a resonance that is not there or does not decay to quarks alone are NaN, and so are those of quarks it does not have.
    """

    count: int
    particles: Particles
    truth: np.ndarray


def _decay(record, number: int) -> tuple[list[float], list]:
    """Momentum of the last copy of particle `number`, and the quarks, or other products, of its decay after their showers.

    A quark that has radiated a hard gluon is matched where it went, as in the bundled sample.
    """
    last = record[record[number].iBotCopyId()]
    products = []
    for i in (last.daughter1(), last.daughter2()):
        product = record[i]
        products += _decay(record, i)[1] if product.isResonance() and product.idAbs() > 5 else [record[product.iBotCopyId()]]
    return [last.px(), last.py(), last.pz(), last.e()], products


class Generator:
    """Pythia, set up for one process with a seed of its own; the same seed gives the same events."""

    def __init__(self, process: Process, cuts: Cuts, seed: int) -> None:
        self._process = process
        self._pythia = pythia8mc.Pythia("", False)
        for line in (*common(cuts), *process.settings, "Random:setSeed = on", f"Random:seed = {seed}"):
            if not self._pythia.readString(line):
                raise RuntimeError(f"Pythia does not take the setting {line}")
        if not self._pythia.init():
            raise RuntimeError(f"Pythia cannot simulate {process.title}; it says above why")

    def _truth(self) -> np.ndarray:
        found = np.full((len(OUTGOING), 1 + MOST_PRONGS, 4), np.nan)
        if self._process.resonance is None:
            return found
        record = self._pythia.event
        for slot, number in enumerate(OUTGOING):
            if record[number].idAbs() != self._process.resonance:
                continue
            momentum, quarks = _decay(record, number)
            if len(quarks) == self._process.prongs and all(quark.idAbs() <= 5 for quark in quarks):
                found[slot, 0] = momentum
                found[slot, 1 : 1 + len(quarks)] = [[q.px(), q.py(), q.pz(), q.e()] for q in quarks]
        return found

    def events(self, count: int) -> Events:
        """The next `count` events; one that Pythia gives up is left out, and the next takes its place."""
        rows: list[tuple] = []
        ends = []
        truth = []
        while len(ends) < count:
            if not self._pythia.next():
                continue
            rows += [(q.px(), q.py(), q.pz(), q.e(), q.id(), q.charge()) for q in self._pythia.event.particles() if q.isFinal()]
            ends.append(len(rows))
            truth.append(self._truth())
        values = np.array(rows)
        event = np.repeat(np.arange(count), np.diff(ends, prepend=0))
        return Events(count, Particles(event, values[:, 4].astype(np.int64), values[:, 5] != 0, values[:, :4]), np.array(truth))
