-- Seconds that a file of more than a million rows takes; prints one line of JSON. `scripts/dev/bench large` runs this.

local jets, json, options = require "jets", require "json", require "options"
local monotonic = require("jetlua.core.system").monotonic

local o = options {
  { "file", "", "a file of jets" },
  { "what", "images", "images and an epoch of batches, or clustered events", choices = { "images", "events" } },
}

print "ready"
local steps, before = {}, monotonic()
local function step(name)
  local now = monotonic()
  steps[#steps + 1] = { name, now - before }
  before = now
end

local set = jets.open(o.file)
if o.what == "images" then
  local images = set:images()
  step "images"
  local seen = 0
  for batch in images:batches(256) do
    seen = seen + #batch
    assert(batch.x.shape[1] == #batch and batch.label.shape[1] == #batch)
  end
  assert(seen == #set)
  step "epoch"
else
  assert(set.mass.shape[1] == #set)
  step "mass"
end
print((json.encode { rows = #set, steps = steps }))
