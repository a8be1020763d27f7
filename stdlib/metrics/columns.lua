-- Several scores of the same jets, and jets of two classes put together.

local core = require "jetlua.core.metrics"
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"

local columns = {}

function columns.rocs(named, label, weight)
  if type(named) ~= "table" or #named == 0 then expect.wrong("metrics.rocs", "named", '{{"name", score}, …}', named) end
  local curves = {}
  for i, entry in ipairs(named) do
    if type(entry) ~= "table" or type(entry[1]) ~= "string" or entry[2] == nil then
      expect.wrong("metrics.rocs", ("named[%d]"):format(i), '{"name", score}', entry)
    end
    curves[i] = core.roc(entry[2], label, weight)
    curves[i].label = entry[1]
  end
  return curves
end

function columns.labelled(background, signal)
  local where = "metrics.labelled"
  if type(background) ~= "table" then expect.wrong(where, "background", "a table of tensors", background) end
  if type(signal) ~= "table" then expect.wrong(where, "signal", "a table of tensors", signal) end
  local names, joined, counts = {}, {}, nil
  for name in pairs(background) do
    if signal[name] ~= nil then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local values, other = background[name], signal[name]
    local is_tensor, n, m = pcall(function() return values:size(1), other:size(1) end)
    if not is_tensor then raise("%s: %s: expected tensors of both classes", where, name) end
    counts = counts or { n, m }
    if counts[1] ~= n or counts[2] ~= m then
      raise("%s: %s has %d background and %d signal jets, %s has %d and %d; give the same jets in each", where, name, n, m, names[1], counts[1], counts[2])
    end
    joined[name] = tensor.cat({ values, other }, 1)
  end
  if not counts then raise("%s: the tables have no column in common", where) end
  joined.label = tensor.cat({ tensor.zeros(counts[1]), tensor.ones(counts[2]) }, 1):to "int64"
  return joined
end

return columns
