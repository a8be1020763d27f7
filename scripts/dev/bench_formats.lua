-- Seconds that reading one file of jets takes; prints one line of JSON. `scripts/dev/bench formats` runs this on a file of every format.

local jets, json, options = require "jets", require "json", require "options"
local monotonic = require("jetlua.core.system").monotonic

local o = options {
  { "file", "", "a file of jets" },
  { "what", "columns", "what is read", choices = { "particles", "columns", "constituents", "images" } },
  { "batch", 1280, "jets at a time, of particles" },
  { "passes", 1, "times that the file is opened and read", min = 1 },
  { "layout", "", "the array of constituents (E, px, py, pz) of a file without a known format" },
}

-- Python has its libraries loaded before its clock starts, too.
assert(#jets.sample():take(100):images() == 100)
collectgarbage()
print "ready"
local layout = o.layout ~= "" and { constituents = o.layout, order = { "e", "px", "py", "pz" } } or nil
local label = layout and not o.file:find "npy$" and "label" or nil
if layout then layout.label = label end

local function read()
  local set = jets.open(o.file, layout and { layout = layout })
  local n = #set
  if o.what == "particles" then
    -- As many at a time as the others read.
    local size, seen = math.max(64, o.batch), 0
    for p in set:particles(size) do seen = seen + p.shape[1] end
    assert(seen == n)
  elseif o.what == "images" then
    assert(#set:images() == n)
  elseif o.what == "constituents" then
    assert(#set:constituents { n = 20, scale = "none" } == n)
  else
    assert(set.mass.shape[1] == n)
  end
  return n
end

local before, jets_read = monotonic(), 0
for pass = 1, o.passes do
  if pass > 1 then collectgarbage() end
  jets_read = read()
end
print((json.encode { jets = jets_read, seconds = (monotonic() - before) / o.passes }))
