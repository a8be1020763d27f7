local expect = require "jetlua.internal.expect"
local figures = require "jetlua.sweep.figures"
local raise = require "jetlua.internal.raise"
local results = require "jetlua.sweep.results"
local store = require "jetlua.sweep.store"
local system = require "jetlua.core.system"

--- A sweep's folder and what is in it, from `sweep{…}` or `sweep.load(path)`.
---@class sweep.Sweep
---@field path string the folder
---@field objective string|nil the name of the result that trials are judged by
---@field direction "max"|"min" whether the objective is better large or small
local Sweep = {}
Sweep.__index = Sweep
Sweep.__name = "sweep.Sweep"

--- A sweep in the folder of `opened`, from store.open or store.load.
function Sweep.new(opened)
  local record = opened.record
  local self = setmetatable({ path = opened.path, record = record, direction = record.direction or "max" }, Sweep)
  self.list = store.results(opened.path)
  self.objective = results.objective(record, self.list)
  return self
end

--- The sweep in the folder at `path`.
function Sweep.load(where, path)
  return Sweep.new(store.load(where, store.absolute(expect.string(where, "path", path))))
end

--- One row for each point: `options`, `mean`, `std` (n − 1) and `n` of the objective over the seeds that finished, `seeds`, `path` (the
--- run folder of the best of them), `failed` and `pruned` (numbers of trials), and `results`, the same figures of every number reported.
---
---     io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
---     s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
---     s:rows()[1].mean --> 0.1
---@param objective? string another result to judge by
---@return { options: table, mean: number|nil, std: number|nil, n: integer, seeds: integer[], path: string|nil, failed: integer, pruned: integer, results: table }[]
function Sweep:rows(objective)
  if objective ~= nil then expect.string("sweep:rows", "objective", objective) end
  return results.rows(self, self.list, objective or self.objective)
end

--- The row whose objective has the best mean.
---
---     io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
---     s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
---     s:best().options.ratio, s:best().mean --> 2 0.2
---@param objective? string
---@return { options: table, mean: number, std: number, n: integer, path: string }
function Sweep:best(objective)
  if objective ~= nil then expect.string("sweep:best", "objective", objective) end
  objective = objective or self.objective
  if #self.list == 0 then raise("sweep:best: %s: expected trials that have ended, found none", self.path) end
  local best = results.best(self:rows(objective), self.direction)
  if not best then
    raise("sweep:best: %s", results.problem(objective, self.list) or "expected a trial that finished, found none; see jetlua sweep show")
  end
  return best
end

--- Every trial that has ended, in order: {options, seed, status, results, run, seconds, attempts, error}.
---
---     io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
---     s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
---     s:trials()[1].status --> finished
---@return table[]
function Sweep:trials()
  local copy = {}
  for i, result in ipairs(self.list) do copy[i] = result end
  return copy
end

--- Writes the rows as CSV: the hyperparameters, then mean, spread and number of every result.
---
---     io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
---     s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
---     s:csv("scan.csv") --> scan.csv
---@param path string
---@return string path
function Sweep:csv(path)
  expect.string("sweep:csv", "path", path)
  system.write_file(path, results.csv(self, self:rows()))
  return path
end

--- The series that `plot.line(s, {x =, y =})` draws: y with its spread against the hyperparameter x, a series for each combination of
--- the others.
---
---     io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
---     s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
---     s:series("ratio")[1].x --> {1, 2}
---@param x string
---@param y? string a result; the objective if left out
---@return table[]
function Sweep:series(x, y)
  return figures.series(self, x, y)
end

--- The figure of a kind: "line" (y with its spread against x), "heat" (the mean of `z` over x and y), "parallel" (every point a line
--- through all hyperparameters) or "each" (the objective against each hyperparameter).
---
---     io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
---     s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
---     s:figure("line") --> plot.line, 1 series; save with fig:save("x.pdf")
---@param kind "line"|"heat"|"parallel"|"each"
---@param options? { x: string|nil, y: string|nil, z: string|nil, title: string|nil, size: any }
---@return plot.Figure
function Sweep:figure(kind, options)
  return figures.draw(self, kind, options)
end

function Sweep:__tostring()
  return ("sweep %s: %d trials\n%s"):format(self.path, #self.list, results.table(self, results.rows(self, self.list, self.objective, true), self.objective))
end

return Sweep
