"""Writes Tests/Fixtures/sweeps.json: points of Sobol's sequence from scipy, densities of Parzen estimators and decisions of pruners
from Optuna. Needs numpy, scipy and optuna: `python Tests/reference/sweep_fixture.py Tests/Fixtures/sweeps.json`."""

import json
import sys

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from scipy.stats import qmc

optuna.logging.set_verbosity(optuna.logging.ERROR)
parameters = _ParzenEstimatorParameters(
    prior_weight=1.0, consider_magic_clip=True, consider_endpoints=False, weights=default_weights, multivariate=True)
random = np.random.default_rng(7)


def densities(observations, distribution, points):
    estimator = _ParzenEstimator({"x": np.asarray(observations, dtype=float)}, {"x": distribution}, parameters)
    return estimator.log_pdf({"x": np.asarray(points, dtype=float)}).tolist()


def case(kind, n, low, high):
    if kind == "choices":
        observations = random.integers(0, high, n).tolist()
        points = list(range(high))
        values = densities(observations, CategoricalDistribution(list(range(high))), points)
        return dict(kind=kind, n=high, observations=[o + 1 for o in observations], points=[p + 1 for p in points], log=values)
    if kind == "integers":
        observations = random.integers(low, high + 1, n).tolist()
        points = list(range(low, high + 1))
        values = densities(observations, IntDistribution(low, high), points)
        return dict(kind=kind, low=low, high=high, observations=observations, points=points, log=values)
    observations = random.uniform(low, high, n).tolist()
    points = [low, *random.uniform(low, high, 10).tolist(), high]
    return dict(kind=kind, low=low, high=high, observations=observations, points=points,
                log=densities(observations, FloatDistribution(low, high), points))


cases = [case("numbers", n, low, high) for n, low, high in
         [(0, 0, 1), (1, 0, 1), (2, -3, 5), (9, 0, 1), (24, 1e-3, 2e-3), (25, 0, 1), (26, -1, 1), (27, 0, 1), (60, 0, 100), (200, 0, 1)]]
cases += [case("integers", n, low, high) for n, low, high in [(0, 1, 5), (1, 0, 9), (12, 2, 12), (40, 1, 100)]]
cases += [case("choices", n, 0, high) for n, high in [(0, 3), (1, 2), (9, 4), (60, 3)]]


class Trials:
    """Histories of finished trials, asked what a pruner says of a further one at each step."""

    def __init__(self, histories, direction):
        self.study = optuna.create_study(direction=direction)
        for history in histories:
            trial = self.study.ask()
            for step, value in enumerate(history):
                trial.report(value, step)
            self.study.tell(trial, history[-1])

    def decide(self, pruner, history):
        trial, told = self.study.ask(), []
        frozen = self.study._storage.get_trial(trial._trial_id)
        for step, value in enumerate(history):
            trial.report(value, step)
            frozen = self.study._storage.get_trial(trial._trial_id)
            told.append(bool(pruner.prune(self.study, frozen)))
        self.study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return told


medians = []
for direction in ["minimize", "maximize"]:
    for warmup in [0, 3]:
        histories = np.cumsum(random.normal(0, 1, (7, 10)), axis=1).tolist()
        trials = Trials(histories, direction)
        tried = np.cumsum(random.normal(0, 1, (12, 10)), axis=1).tolist()
        pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=warmup)
        medians.append(dict(direction=direction[:3], warmup=warmup, histories=histories, tried=tried,
                            pruned=[trials.decide(pruner, history) for history in tried]))

json.dump(dict(optuna=optuna.__version__, sobol=qmc.Sobol(21, scramble=False).random(128).tolist(), parzen=cases, medians=medians),
          open(sys.argv[1], "w"))
