-- jetlua sweep plot FOLDER

local commands = require "jetlua.internal.commands"
local options = require "jetlua.options"
local Sweep = require "jetlua.sweep.Sweep"
local system = require "jetlua.core.system"

return function()
  local words = commands.operands()
  local o = options {
    { "kind", nil, "what to draw; all that fit if left out", type = "string", choices = { "line", "heat", "parallel", "each" } },
    { "x", nil, "the hyperparameter along x", type = "string" },
    { "y", nil, "the result along y, or the hyperparameter of a heat map", type = "string" },
    { "z", nil, "the result of a heat map", type = "string" },
    { "title", nil, "above the figure", type = "string" },
    { "out", nil, "folder for the figures; plots/ in the sweep's folder if left out", type = "string" },
    { "format", "pdf,png", "files to write", type = "string", choices = { "pdf", "png", "svg", "pdf,png" } },
  }
  if #words ~= 1 then options.fail("expected one folder of a sweep, got %d", #words) end
  local s = options.attempt(Sweep.load, "sweep", words[1])
  local folder = o.out or s.path .. "/plots"
  options.attempt(system.make_directory, folder)
  local n = #s.record.dimensions
  local on_grid = s.record.strategy.name == "grid"
  local kinds = o.kind and { o.kind } or n == 1 and { on_grid and "line" or "each" } or on_grid and { "line", "heat", "parallel", "each" } or { "parallel", "each" }
  for _, kind in ipairs(kinds) do
    local figure = options.attempt(s.figure, s, kind, { x = o.x, y = o.y, z = kind == "heat" and o.z or nil, title = o.title })
    for format in o.format:gmatch("%a+") do print(options.attempt(figure.save, figure, ("%s/%s.%s"):format(folder, kind, format))) end
  end
end
