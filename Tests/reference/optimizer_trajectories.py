#!/usr/bin/env python3
"""Writes Tests/Fixtures/optimizer_trajectories.json: what PyTorch's optimizers, schedules and clipping do in float64.

  python Tests/reference/optimizer_trajectories.py > Tests/Fixtures/optimizer_trajectories.json

Independent of jetlua. The gradients are given numbers, so that a trajectory tests the rule and nothing else; the second
parameter has no gradient in the third step, which its rule must leave out.
"""

import json
import warnings

import torch

STEPS = 8
START = [[[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], [1.0, -0.5, 0.1]]
SKIPPED = 2

OPTIMIZERS = [
  ("SGD", {"lr": 0.1}),
  ("SGD", {"lr": 0.1, "weight_decay": 0.05}),
  ("SGD", {"lr": 0.1, "momentum": 0.9}),
  ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
  ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True}),
  ("Adam", {}),
  ("Adam", {"lr": 0.005, "betas": [0.9, 0.99], "eps": 1e-8}),
  ("Adam", {"lr": 0.1, "weight_decay": 0.1}),
  ("AdamW", {"lr": 0.05}),
  ("AdamW", {"lr": 0.05, "betas": [0.8, 0.95], "weight_decay": 0.2}),
  ("RMSprop", {}),
  ("RMSprop", {"lr": 0.02, "alpha": 0.9, "eps": 1e-6, "weight_decay": 0.1}),
  ("RMSprop", {"lr": 0.02, "momentum": 0.7}),
  ("RMSprop", {"lr": 0.02, "alpha": 0.9, "centered": True, "momentum": 0.5}),
  ("SGD", {"lr": 0.1, "momentum": 0.9, "maximize": True}),
  ("Adam", {"lr": 0.05, "amsgrad": True}),
  ("Adam", {"lr": 0.05, "betas": [0.5, 0.6], "weight_decay": 0.1, "amsgrad": True, "maximize": True}),
  ("Adam", {"lr": 0.05, "weight_decay": 0.1, "maximize": True}),
  ("AdamW", {"lr": 0.05, "betas": [0.5, 0.6], "weight_decay": 0.2, "amsgrad": True}),
  ("AdamW", {"lr": 0.05, "maximize": True}),
  ("RMSprop", {"lr": 0.02, "centered": True, "weight_decay": 0.1, "maximize": True}),
]

# One group for each parameter; what a group leaves out is among the common options.
GROUPED = [
  ("SGD", {"lr": 0.1, "momentum": 0.9}, [{}, {"lr": 0.02, "weight_decay": 0.1}]),
  ("Adam", {"lr": 0.05}, [{"betas": [0.8, 0.9]}, {"lr": 0.2, "amsgrad": True}]),
  ("AdamW", {}, [{"lr": 0.01}, {"lr": 0.1, "weight_decay": 0.5}]),
  ("RMSprop", {"alpha": 0.9}, [{"momentum": 0.5}, {"centered": True, "maximize": True}]),
]

# Our names and options; PyTorch's class; the options it calls differently.
SCHEDULES = [
  ("StepLR", "StepLR", {"step_size": 3, "gamma": 0.5}),
  ("StepLR", "StepLR", {"step_size": 4}),
  ("MultiStepLR", "MultiStepLR", {"milestones": [2, 5, 5, 9], "gamma": 0.3}),
  ("ExponentialLR", "ExponentialLR", {"gamma": 0.9}),
  ("CosineLR", "CosineAnnealingLR", {"T_max": 10}),
  ("CosineLR", "CosineAnnealingLR", {"T_max": 6, "eta_min": 0.02}),
  ("WarmupLR", "LinearLR", {}),
  ("WarmupLR", "LinearLR", {"start_factor": 0.1, "total_iters": 4}),
  ("ExponentialLR", "ExponentialLR", {"gamma": 1.1}),
  ("StepLR", "StepLR", {"step_size": 1, "gamma": 0.9}),
  ("MultiStepLR", "MultiStepLR", {"milestones": [1, 2, 3]}),
  ("CosineLR", "CosineAnnealingLR", {"T_max": 1}),
]
STACKED = [("WarmupLR", "LinearLR", {"start_factor": 0.25, "total_iters": 3}), ("ExponentialLR", "ExponentialLR", {"gamma": 0.8})]
EPOCHS = 14


def gradient(step, shape):
  """Numbers of changing sign and size that are exact in decimal."""
  count = torch.Size(shape).numel()
  values = [((7 * i + 5 * step * step + 3 * i * step) % 19 - 9) / 8 for i in range(count)]
  return torch.tensor(values, dtype=torch.float64).reshape(shape)


def parameters():
  return [torch.nn.Parameter(torch.tensor(p, dtype=torch.float64)) for p in START]


def trajectory(name, options, groups=None):
  weights = parameters()
  given = [{"params": [p], **own} for p, own in zip(weights, groups)] if groups else weights
  optimizer = getattr(torch.optim, name)(given, **options)
  states = []
  for step in range(STEPS):
    for i, p in enumerate(weights):
      p.grad = None if (step, i) == (SKIPPED, 1) else gradient(step, p.shape)
    optimizer.step()
    states.append([p.detach().flatten().tolist() for p in weights])
  return {"optimizer": name, "options": options, "parameters": states} | ({"groups": groups} if groups else {})


def grouped_rates(kind, options, rates):
  """The learning rates of two groups under one schedule."""
  optimizer = torch.optim.SGD([{"params": [p], "lr": lr} for p, lr in zip(parameters(), rates)], lr=1)
  schedule = getattr(torch.optim.lr_scheduler, kind[1])(optimizer, **options)
  seen = []
  for _ in range(EPOCHS):
    seen.append([group["lr"] for group in optimizer.param_groups])
    optimizer.step()
    schedule.step()
  return {"name": kind[0], "options": options, "lr": rates, "rates": seen}


def learning_rates(schedules, lr=0.4):
  optimizer = torch.optim.SGD(parameters(), lr=lr)
  made = [getattr(torch.optim.lr_scheduler, kind)(optimizer, **options) for _, kind, options in schedules]
  rates = []
  for _ in range(EPOCHS):
    rates.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    for schedule in made:
      schedule.step()
  return {"schedules": [{"name": name, "options": options} for name, _, options in schedules], "lr": lr, "rates": rates}


def clipped(limit, norm_type):
  weights = parameters()
  for p in weights:
    p.grad = gradient(1, p.shape)
  total = torch.nn.utils.clip_grad_norm_(weights, limit, norm_type=norm_type).item()
  return {
    "max_norm": limit, "norm_type": "inf" if norm_type == float("inf") else norm_type, "total": total,
    "gradients": [p.grad.flatten().tolist() for p in weights],
  }


def value_clipped(limit):
  weights = parameters()
  for p in weights:
    p.grad = gradient(1, p.shape)
  torch.nn.utils.clip_grad_value_(weights, limit)
  return {"clip_value": limit, "gradients": [p.grad.flatten().tolist() for p in weights]}


def main():
  warnings.simplefilter("error")
  print(json.dumps({
    "_meta": {"made_by": "Tests/reference/optimizer_trajectories.py", "torch": torch.__version__.split("+")[0], "dtype": "float64"},
    "start": [p.detach().flatten().tolist() for p in parameters()],
    "shapes": [list(p.shape) for p in parameters()],
    "gradients": [
      [None if (step, i) == (SKIPPED, 1) else gradient(step, p.shape).flatten().tolist() for i, p in enumerate(parameters())]
      for step in range(STEPS)],
    "optimizers": [trajectory(name, options) for name, options in OPTIMIZERS],
    "grouped": [trajectory(name, options, groups) for name, options, groups in GROUPED],
    "grouped_schedules": [
      grouped_rates(("CosineLR", "CosineAnnealingLR"), {"T_max": 6, "eta_min": 0.02}, [0.4, 0.1]),
      grouped_rates(("StepLR", "StepLR"), {"step_size": 3, "gamma": 0.5}, [0.4, 0.0]),
    ],
    "value_clipping": [value_clipped(0.3), value_clipped(2.0)],
    "schedules": [learning_rates([schedule]) for schedule in SCHEDULES] + [learning_rates(STACKED)],
    "clipping": [clipped(1.0, 2.0), clipped(100.0, 2.0), clipped(2.5, 1.0), clipped(0.5, float("inf")), clipped(1.0, 3.0)],
  }))


if __name__ == "__main__":
  main()
