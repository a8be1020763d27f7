-- jetlua sweep task FOLDER LIST PLACE: one trial on a node of a cluster.

local attempt = require "jetlua.sweep.attempt"
local batch = require "jetlua.sweep.batch"
local commands = require "jetlua.internal.commands"
local options = require "jetlua.options"
local system = require "jetlua.core.system"

return function()
  local words = commands.operands()
  options {}
  if #words ~= 3 then options.fail("task: expected a folder, a list and a place in it, got %d words", #words) end
  local state = options.attempt(batch.run, "sweep task", words[1], words[2], words[3])
  print(("%s: %s"):format(words[3], state))
  if state ~= "stopped" then return end
  local job = os.getenv("SLURM_JOB_ID")
  -- A job that Slurm itself preempts is put back by it, and saying so twice is no harm; at the end of its time only this does it.
  if job and system.find_program("scontrol") then pcall(system.run, { "scontrol", "requeue", job }, { timeout = 30 }) end
  os.exit(attempt.stopped, true)
end
