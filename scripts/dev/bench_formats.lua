-- Seconds that reading one file of jets takes; prints one line of JSON. `scripts/dev/bench formats` runs this on a file of every format.

local jets, json, options = require "jets", require "json", require "options"
local monotonic = require("jetlua.core.system").monotonic

local o = options {
  { "file", "", "a file of jets" },
  { "what", "columns", "what is read", choices = { "columns", "constituents", "images" } },
  { "layout", "", "the array of constituents (E, px, py, pz) of a file without a known format" },
}

print "ready"
local layout = o.layout ~= "" and { constituents = o.layout, order = { "e", "px", "py", "pz" } } or nil
local label = layout and not o.file:find "npy$" and "label" or nil
if layout then layout.label = label end

local before = monotonic()
local set = jets.open(o.file, layout and { layout = layout })
local n = #set
if o.what == "images" then
  assert(#set:images() == n)
elseif o.what == "constituents" then
  assert(#set:constituents { n = 20, scale = "none" } == n)
else
  assert(set.mass.shape[1] == n)
end
print((json.encode { jets = n, seconds = monotonic() - before }))
