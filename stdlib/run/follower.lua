-- The run of a rank other than 0: the same methods, and nothing is written. Rank 0 keeps the folder.

local Run = require "jetlua.run.Run"

local Follower = setmetatable({}, { __index = Run })
Follower.__index = Follower
Follower.__name = "run.Run"
Follower.__tostring = Run.__tostring
Follower.__close = Run.__close

--- The run that rank 0 keeps in the folder `path`.
function Follower.new(path, on_close, continued)
  return setmetatable({ path = path, status = "running", on_close = on_close, continued = continued, trainings = 0, latest = 0, record = { results = {} } }, Follower)
end

local function check_open(self, where)
  if self.status ~= "running" then
    require("jetlua.internal.raise")("%s: expected a run that is open, got one that is %s", where, self.status)
  end
end

function Follower:mark() return { sizes = {}, seconds = 0 } end
function Follower:return_to() end
function Follower:keep_output() end
function Follower:log() check_open(self, "run:log") end
function Follower:report() check_open(self, "run:report") end
function Follower:data() check_open(self, "run:data") end
function Follower:figure(_, name) return ("%s/plots/%s.png"):format(self.path, name) end
function Follower:scores() return self.path .. "/scores.npz" end

function Follower:checkpoint()
  check_open(self, "run:checkpoint")
  return self.path .. "/checkpoints/last.safetensors"
end

function Follower:close(status)
  if self.status ~= "running" then return end
  self.status = status or "finished"
  self.on_close(self, true)
end

return Follower
