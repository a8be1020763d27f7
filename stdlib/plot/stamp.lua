-- What a figure says about where its jets come from, in a form that cannot be taken for an experiment's own label.

local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"

local headings = { simulation = "Simulation", ["open data"] = "Open data", toy = "Toy study", private = "Private work" }
local experiments = {
  "ATLAS", "CMS", "ALICE", "LHCb", "Belle", "BaBar", "CDF", "D0", "DØ", "STAR", "sPHENIX", "PHENIX", "H1", "ZEUS", "LEP", "ALEPH", "DELPHI", "OPAL",
  "TOTEM", "LHCf", "FASER", "NA62", "Preliminary", "Internal", "Work in progress",
}

--- Raises where a line could be read as "this is a result of that experiment".
local function check(where, line, kind)
  for _, name in ipairs(experiments) do
    local found = (" " .. line .. " "):find("[^%w]" .. name:gsub("[^%w\128-\255]", "%%%0") .. "[^%w]")
    if found and kind ~= "open data" then
      raise('%s: "%s": expected words that no experiment puts on its results, got "%s"; of data that it made public say plot.stamp("open data", …)',
        where, line, name)
    end
  end
end

local Stamp = { __name = "plot.stamp" }
Stamp.__index = Stamp

function Stamp:__tostring()
  return self.heading .. (#self.lines > 0 and ": " .. table.concat(self.lines, ", ") or "")
end

local stamp = {}

--- What stands in a corner of a figure, as its option `stamp`: in bold what kind of jets these are, below it lines of one's own,
--- the cuts for instance. The kinds are "simulation", "open data", "toy" and "private". No experiment's name and no
--- "Preliminary" passes, save with "open data": a figure drawn here is nobody's official result.
---
---     plot.stamp("simulation", "anti-$k_T$, $R = 0.8$") --> Simulation: anti-$k_T$, $R = 0.8$
---@param kind string
---@param ... string lines
---@return plot.stamp
function stamp.new(kind, ...)
  local where = "plot.stamp"
  expect.string(where, "kind", kind)
  if not headings[kind] then expect.unknown(where, "kind", kind, headings) end
  local lines = { ... }
  for i = 1, select("#", ...) do check(where, expect.string(where, ("line %d"):format(i), lines[i]), kind) end
  return setmetatable({ heading = headings[kind], lines = lines }, Stamp)
end

--- Checks the option `stamp`: what plot.stamp gives, one of its kinds, or nil.
---@param where string
---@param value any
---@return table|nil
function stamp.option(where, value)
  if value == nil or getmetatable(value) == Stamp then return value end
  if type(value) == "string" then
    if not headings[value] then expect.unknown(where, "stamp", value, headings) end
    return stamp.new(value)
  end
  expect.wrong(where, "stamp", 'plot.stamp("simulation", …)', value)
end

return stamp
