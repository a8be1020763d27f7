-- Seconds that reading one file of jets takes; prints one line of JSON. `scripts/dev/bench formats` runs this on a file of every format.

local jets, json, options = require "jets", require "json", require "options"
local monotonic = require("jetlua.core.system").monotonic

local o = options {
  { "file", "", "a file of jets" },
  { "what", "columns", "what is read", choices = { "particles", "columns", "constituents", "images" } },
  { "batch", 1280, "jets at a time, of particles" },
  { "layout", "", "the array of constituents (E, px, py, pz) of a file without a known format" },
}

-- Python has its libraries loaded before its clock starts, too.
assert(#jets.sample():take(100):images() == 100)
collectgarbage()
print "ready"
local layout = o.layout ~= "" and { constituents = o.layout, order = { "e", "px", "py", "pz" } } or nil
local label = layout and not o.file:find "npy$" and "label" or nil
if layout then layout.label = label end

local before = monotonic()
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
print((json.encode { jets = n, seconds = monotonic() - before }))
