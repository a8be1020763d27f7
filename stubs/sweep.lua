---@meta sweep

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

do
--- A sweep's folder and what is in it, from `sweep{…}` or `sweep.load(path)`.
---@class sweep.Sweep
---@field direction "max"|"min" whether the objective is better large or small
---@field objective string|nil the name of the result that trials are judged by
---@field path string the folder
local class = {}

--- The row whose objective has the best mean.
---
--- ```lua
--- io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
--- s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
--- s:best().options.ratio, s:best().mean --> 2 0.2
--- ```
---@param objective? string
---@return { options: table, mean: number, std: number, n: integer, path: string }
function class:best(objective) end

--- Writes the rows as CSV: the hyperparameters, then mean, spread and number of every result.
---
--- ```lua
--- io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
--- s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
--- s:csv("scan.csv") --> scan.csv
--- ```
---@param path string
---@return string path
function class:csv(path) end

--- The figure of a kind: "line" (y with its spread against x), "heat" (the mean of `z` over x and y), "parallel" (every point a line through all hyperparameters) or "each" (the objective against each hyperparameter).
---
--- ```lua
--- io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
--- s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
--- s:figure("line") --> plot.line, 1 series; save with fig:save("x.pdf")
--- ```
---@param kind "line"|"heat"|"parallel"|"each"
---@param options? { x: string|nil, y: string|nil, z: string|nil, title: string|nil, size: any }
---@return plot.Figure
function class:figure(kind, options) end

--- One row for each point: `options`, `mean`, `std` (n − 1) and `n` of the objective over the seeds that finished, `seeds`, `path` (the run folder of the best of them), `failed` and `pruned` (numbers of trials), and `results`, the same figures of every number reported.
---
--- ```lua
--- io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
--- s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
--- s:rows()[1].mean --> 0.1
--- ```
---@param objective? string another result to judge by
---@return { options: table, mean: number|nil, std: number|nil, n: integer, seeds: integer[], path: string|nil, failed: integer, pruned: integer, results: table }[]
function class:rows(objective) end

--- The series that `plot.line(s, {x =, y =})` draws: y with its spread against the hyperparameter x, a series for each combination of the others.
---
--- ```lua
--- io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
--- s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
--- s:series("ratio")[1].x --> {1, 2}
--- ```
---@param x string
---@param y? string a result; the objective if left out
---@return table[]
function class:series(x, y) end

--- Every trial that has ended, in order: {options, seed, status, results, run, seconds, attempts, error}.
---
--- ```lua
--- io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
--- s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
--- s:trials()[1].status --> finished
--- ```
---@return table[]
function class:trials() end

end

--- Many runs of one script with other options: `sweep{script = "scripts/dvae_k3.lua", over = {ratio = {1, 0.05}}, seeds = 3}`. A sweep is a folder; starting it again does only what is missing.
---@class jetlua.sweep
---@overload fun(options: { script: string, over: table|nil, with: table|nil, seeds: integer|integer[]|nil, strategy: string|nil, trials: integer|nil, seed: integer|nil, objective: string|nil, direction: string|nil, prune: table|nil, jobs: integer|nil, threads: integer|nil, time_limit: number|nil, retries: integer|nil, memory: number|nil, folder: string|nil, changed: boolean|nil }): sweep.Sweep
local sweep = {}

--- A sweep that was made before, from its folder.
---
--- ```lua
--- io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
--- s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
--- sweep.load(s.path) --> sweep …: 2 trials …
--- ```
---@param path string
---@return sweep.Sweep
function sweep.load(path) end

--- Which trial of a sweep this script is; nil where it was started by hand.
---
--- ```lua
--- sweep.trial() --> nil
--- ```
---@return { path: string, options: table, seed: integer|nil, number: integer }|nil
function sweep.trial() end

return sweep
