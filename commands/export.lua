-- jetlua export RUN --csv | --tensorboard FOLDER: a run's scores as CSV, its logged numbers as an event file of TensorBoard.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local events = require "jetlua.run.events"
local options = require "jetlua.options"
local records = require "jetlua.run.records"
local system = require "jetlua.core.system"

local words = commands.operands()
local o = options {
  { "csv", false, "write scores.csv from scores.npz" },
  { "tensorboard", nil, "write an event file into this folder", type = "string" },
}
if #words ~= 1 then options.fail("expected one run, got %d; jetlua runs lists them", #words) end
if not (o.csv or o.tensorboard) then options.fail("expected --csv or --tensorboard FOLDER, got neither") end
local record, problem = records.find(words[1])
if not record then options.fail("%s", problem) end

if o.csv then
  local tensor = require "jetlua.tensor"
  local source, target = record.path .. "/scores.npz", record.path .. "/scores.csv"
  if not system.exists(source) then options.fail("%s: expected scores of the run, found none; r:scores{…} keeps them", source) end
  local columns, count = {}, nil
  for name, values in pairs(options.attempt(tensor.load, source)) do
    local shape = values.shape
    if #shape == 1 then
      columns[name] = values
    elseif #shape == 2 then
      for i = 1, shape[2] do columns[("%s_%d"):format(name, i)] = values:select(2, i) end
    else
      options.fail("%s: expected numbers per jet, got %d dimensions in %s", source, #shape, name)
    end
    if count and count ~= shape[1] then options.fail("%s: expected one number of jets, got %d and %d", source, count, shape[1]) end
    count = shape[1]
  end
  options.attempt(tensor.save, target, columns)
  print(target)
end

if o.tensorboard then
  local year, month, day, hour, minute, second = tostring(record.started):match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)Z$")
  local began = 0
  if year then
    -- os.time reads local time; what it makes of the same moment in UTC tells the difference.
    local moment = os.time { year = year, month = month, day = day, hour = hour, min = minute, sec = second, isdst = false }
    local utc = os.date("!*t", moment)
    utc.isdst = false
    began = 2 * moment - os.time(utc)
  end
  local scalars = {}
  for place, entry in ipairs(records.metrics(record.path)) do
    local step = math.tointeger(entry.epoch) or math.tointeger(entry.step) or place
    local names = {}
    for name, value in pairs(entry) do
      if type(value) == "number" and name ~= "epoch" and name ~= "step" and name ~= "seconds" then names[#names + 1] = name end
    end
    table.sort(names)
    for _, name in ipairs(names) do scalars[#scalars + 1] = { math.max(step, 0), began + (entry.seconds or 0), name, entry[name] } end
  end
  local name = record.path:match("([^/]+)/*$")
  local folder = o.tensorboard .. "/" .. name
  local target = ("%s/events.out.tfevents.%d.%s"):format(folder, math.floor(began), name)
  options.attempt(function()
    system.make_directory(folder)
    system.write_file(target, events.file(began, scalars))
  end)
  print(target)
end
