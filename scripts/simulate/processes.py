"""What is simulated: the settings that Pythia gets for each process, and the cuts on the jets."""
from __future__ import annotations

from dataclasses import dataclass

NAMES = ("qcd", "top", "w", "z", "higgs")
# Masses in GeV where none is asked for; the second is that of the state in between.
MASSES = {"top": (173.0, None), "w": (80.4, None), "z": (91.19, None), "higgs": (174.0, 80.0)}
LIGHTER_STATE = 9000001
NEUTRINOS = "12 14 16"


@dataclass(frozen=True)
class Cuts:
    """Which jets are kept: anti-kt with `radius`, the leading one, `pt_min` < pT ≤ `pt_max` (GeV), |η| < `eta_max`."""

    radius: float
    pt_min: float
    pt_max: float
    eta_max: float


CUTS = {
    "top-tagging": Cuts(radius=0.8, pt_min=550, pt_max=650, eta_max=2),
    "vae-jet": Cuts(radius=1.0, pt_min=550, pt_max=650, eta_max=2),
}


@dataclass(frozen=True)
class Process:
    """One kind of jet.

    `resonance` is the PDG number of the particle whose decay makes the jet, `prongs` the quarks of that decay; QCD jets have neither.
    """

    name: str
    resonance: int | None
    prongs: int
    mass: float | None
    inner_mass: float | None
    settings: tuple[str, ...]

    @property
    def title(self) -> str:
        """The class name that the file gets: `qcd`, `w`, `w_120`, `higgs_174_20`."""
        if self.mass is None or (self.mass, self.inner_mass) == MASSES[self.name]:
            return self.name
        masses = [self.mass] if self.inner_mass is None or self.name == "top" else [self.mass, self.inner_mass]
        return "_".join([self.name, *(f"{mass:g}" for mass in masses)])


def common(cuts: Cuts) -> tuple[str, ...]:
    """Proton collisions at 14 TeV with the default tune, without multiple interactions; what lives longer than 10 mm does not decay.

    The range of p̂T reaches far enough below and above the cut on the jets that they come from inside.
    """
    return (
        "Beams:eCM = 14000.",
        "PartonLevel:MPI = off",
        "ParticleDecays:limitTau0 = on",
        "ParticleDecays:tau0Max = 10.",
        f"PhaseSpace:pTHatMin = {cuts.pt_min * 500 / 550}",
        f"PhaseSpace:pTHatMax = {cuts.pt_max * 850 / 650}",
        "Print:quiet = on",
    )


def _mass(number: int, mass: float) -> list[str]:
    """A mass with the tails of its resonance, both as far as Pythia goes for nature's: from half the mass, a W or Z boson's from 10 GeV."""
    lowest = min(10, mass / 2) if number in (23, 24) else mass / 2
    return [f"{number}:m0 = {mass}", f"{number}:mMin = {lowest}", f"{number}:mMax = 0."]


def _to_quarks(number: int) -> list[str]:
    return [f"{number}:onMode = off", f"{number}:onIfAny = 1 2 3 4 5", f"{number}:offIfAny = 6"]


def _to_neutrinos(number: int) -> list[str]:
    return [f"{number}:onMode = off", f"{number}:onIfAny = {NEUTRINOS}"]


def _qcd() -> list[str]:
    return ["HardQCD:all = on"]


def _top(mass: float, w_mass: float) -> list[str]:
    return ["Top:gg2ttbar = on", "Top:qqbar2ttbar = on", *_mass(6, mass), *_mass(24, w_mass), *_to_quarks(24)]


def _w(mass: float) -> list[str]:
    production = ["WeakDoubleBoson:ffbar2ZW = on", "WeakDoubleBoson:ffbar2WW = on"]
    return [*production, *_mass(24, mass), *_to_quarks(24), *_to_neutrinos(23)]


def _z(mass: float) -> list[str]:
    production = ["WeakDoubleBoson:ffbar2gmZgmZ = on", "WeakZ0:gmZmode = 2"]
    return [*production, *_mass(23, mass), "23:onMode = off", f"23:onIfAny = 1 2 3 4 5 {NEUTRINOS}"]


def _higgs(mass: float, inner: float) -> list[str]:
    lighter = LIGHTER_STATE
    return [
        "HiggsSM:ffbar2HZ = on", *_to_neutrinos(23), *_mass(25, mass),
        "25:doForceWidth = on", "25:mWidth = 0.01", f"25:oneChannel = 1 1.0 100 {lighter} {lighter}",
        f"{lighter}:new = a0 void 1 0 0 {inner} 0.01 {0.9 * inner} {1.1 * inner} 0.",
        f"{lighter}:isResonance = on", f"{lighter}:doForceWidth = on",
        f"{lighter}:oneChannel = 1 0.25 100 1 -1", *(f"{lighter}:addChannel = 1 0.25 100 {quark} -{quark}" for quark in (2, 3, 4)),
    ]


def process(name: str, mass: float | None = None, inner_mass: float | None = None) -> Process:
    """The process of that name; ValueError says which masses are impossible."""
    if name == "qcd":
        if mass is not None or inner_mass is not None:
            raise ValueError("qcd: a mass belongs to top, w, z or higgs; leave it out")
        return Process(name, None, 0, None, None, tuple(_qcd()))
    if name not in MASSES:
        raise ValueError(f"process: expected one of {', '.join(NAMES)}, got {name}")
    usual, usual_inner = MASSES[name]
    heavy = usual if mass is None else mass
    if not 10 <= heavy <= 400:
        raise ValueError(f"{name}: expected a mass from 10 to 400 GeV, got {heavy:g}")
    if name in ("w", "z") and inner_mass is not None:
        raise ValueError(f"{name}: an inner mass belongs to top and higgs; leave it out")
    if name == "w":
        return Process(name, 24, 2, heavy, None, tuple(_w(heavy)))
    if name == "z":
        return Process(name, 23, 2, heavy, None, tuple(_z(heavy)))
    if name == "top":
        # A lighter top keeps the shape of its decay: its W is lighter in the same proportion.
        w_mass = MASSES["w"][0] * heavy / usual if inner_mass is None else inner_mass
        if not 5 <= w_mass <= heavy - 6:
            raise ValueError(f"top: expected a W mass from 5 GeV to the top's minus 6, got {w_mass:g} of {heavy:g}")
        return Process(name, 6, 3, heavy, inner_mass, tuple(_top(heavy, w_mass)))
    inner = usual_inner if inner_mass is None else inner_mass
    if not 10 <= inner <= heavy / 2 - 0.5:
        raise ValueError(f"higgs: expected an inner mass from 10 GeV to half the Higgs boson's, got {inner:g} of {heavy:g}")
    return Process(name, 25, 4, heavy, inner, tuple(_higgs(heavy, inner)))
