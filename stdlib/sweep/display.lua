-- What one sees of a running sweep, on stderr: a table that is redrawn on a terminal, a line for each trial that ends elsewhere.

local json = require "jetlua.json"
local results = require "jetlua.sweep.results"
local settings = require "jetlua.internal.settings"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

local Display = {}
Display.__index = Display

local redraw_seconds = 0.2
local most_lines = 12
local tail_bytes = 4096

local function duration(seconds)
  local s = math.floor(seconds + 0.5)
  if s >= 360000 then return ("%.0f h"):format(s / 3600) end
  if s < 3600 then return ("%d:%02d"):format(s // 60, s % 60) end
  return ("%d:%02d:%02d"):format(s // 3600, s // 60 % 60, s % 60)
end

--- A display of a sweep of `total` trials, of which `known` are results of earlier.
---@param sweep table
---@param total integer
---@param known table[]
---@return table
function Display.new(sweep, total, known)
  local self = setmetatable({
    sweep = sweep, total = total, known = #known, finished = 0, failed = 0, pruned = 0, seconds = 0, timed = 0, drawn = {}, drawn_at = -math.huge,
    began = system.monotonic(), quiet = settings.quiet == true, terminal = system.is_terminal(2),
  }, Display)
  for _, result in ipairs(known) do self:count(result) end
  return self
end

function Display:write(s)
  if not self.quiet then system.write_error(s) end
end

--- What takes the table away again. A terminal that was made narrower has broken its lines in several.
local function erasure(self)
  if #self.drawn == 0 then return "" end
  local columns, rows = math.max(system.terminal_columns(), 1), 0
  for _, line in ipairs(self.drawn) do rows = rows + math.max((text.width(line) + columns - 1) // columns, 1) end
  self.drawn = {}
  return ("\27[%dA\r\27[J"):format(rows)
end

--- Writes a line that stays.
function Display:line(s)
  self:write(erasure(self) .. s .. "\n")
  self.drawn_at = -math.huge
end

local function value_of(self, result)
  local objective = self.sweep.record.objective
  local value = objective and (result.results or {})[objective]
  return type(value) == "number" and value - value == 0 and value or nil
end

function Display:count(result)
  if self[result.status] then self[result.status] = self[result.status] + 1 end
  local value = value_of(self, result)
  local sign = self.sweep.record.direction == "min" and -1 or 1
  if value and result.status == "finished" and (not self.best or sign * value > sign * self.best) then
    self.best, self.best_label = value, self:name(result)
  end
  if type(result.seconds) == "number" then self.seconds, self.timed = self.seconds + result.seconds, self.timed + 1 end
end

function Display:name(trial)
  return results.label(trial.options) .. (trial.seed and (" seed=%d"):format(trial.seed) or "")
end

function Display:ended() return self.finished + self.failed + self.pruned end

function Display:done(result)
  self:count(result)
  local value = value_of(self, result)
  local objective = self.sweep.record.objective
  local said
  if result.status == "failed" then
    said = "failed: " .. tostring(result.error)
  elseif objective then
    said = ("%s %s"):format(objective, value and ("%.5g"):format(value) or "is not a number that was reported")
    if result.status == "pruned" then said = "pruned" end
  else
    said = result.status
  end
  if not self.terminal or result.status == "failed" then
    self:line(("[%d/%d] %s: %s%s"):format(self:ended(), self.total, self:name(result), text.one_line(said),
      type(result.seconds) == "number" and (" (%.1f s)"):format(result.seconds) or ""))
  end
end

function Display:again(trial, problem)
  self:line(("%s: tried again: %s"):format(self:name(trial), text.one_line(tostring(problem))))
end

function Display:stopping(n)
  self:line(("sweep: stopping; %d trial%s told to save and end"):format(n, n == 1 and " is" or "s are"))
end

--- What a running attempt has logged last, "epoch 12, total 5.812": its epoch or step, and the pruned metric or one that is a loss.
local function progress(self, one)
  if one.looked and system.monotonic() - one.looked < 1 then return one.progress or "" end
  one.looked = system.monotonic()
  local listed, names = pcall(system.list_directory, one.folder)
  for _, name in ipairs(listed and names or {}) do
    local file = io.open(one.folder .. "/" .. name .. "/metrics.jsonl")
    if file then
      file:seek("set", math.max((file:seek("end") or 0) - tail_bytes, 0))
      local last = (file:read("a") or ""):match("([^\n]*)\n[^\n]*$")
      file:close()
      local decoded, entry = pcall(json.decode, last or "")
      local parts, rule = {}, self.sweep.record.pruning
      for _, names_of in ipairs(decoded and type(entry) == "table" and { { "epoch", "step" }, { rule and rule.metric or "total", "loss" } } or {}) do
        for _, key in ipairs(names_of) do
          if type(entry[key]) == "number" then
            parts[#parts + 1] = ("%s %.4g"):format(key, entry[key])
            break
          end
        end
      end
      if #parts > 0 then one.progress = table.concat(parts, ", ") end
    end
  end
  return one.progress or ""
end

function Display:show(running, busy)
  local now = system.monotonic()
  if not self.terminal or self.quiet or now - self.drawn_at < redraw_seconds then return end
  self.drawn_at = now
  local width = math.max(system.terminal_columns() - 1, 20)
  local left = self.total - self:ended()
  local eta = ""
  if self.timed > 0 then
    local spent = 0
    for _, one in ipairs(running) do spent = spent + math.min(now - one.began, self.seconds / self.timed) end
    eta = ", about " .. duration(math.max(left * self.seconds / self.timed - spent, 0) / math.max(self.sweep.jobs, 1)) .. " left"
  end
  local lines = {
    ("%d of %d done, %d failed%s, %d running [%s%s]"):format(self.finished, self.total, self.failed,
      self.pruned > 0 and (", %d pruned"):format(self.pruned) or "", #running + #busy, duration(now - self.began), eta),
  }
  if self.best then
    lines[#lines + 1] = ("best %s %.5g: %s"):format(self.sweep.record.objective, self.best, self.best_label)
  end
  -- What does not fit under these lines is counted: a table that is taller than the terminal could not be taken away.
  local rows = { { "time", "trial", "last logged" } }
  for i, one in ipairs(running) do
    if i > most_lines then break end
    rows[#rows + 1] = {
      duration(now - one.began), self:name(one.trial) .. (one.number > 1 and (" (attempt %d)"):format(one.number) or ""), one.folder and progress(self, one) or "",
    }
  end
  for i, trial in ipairs(busy) do
    if #running + i > most_lines then break end
    rows[#rows + 1] = { "-", self:name(trial), "run by another process" }
  end
  -- On a narrow terminal the names give way to what was logged.
  local room = width - 12
  local wide = 0
  for _, row in ipairs(rows) do wide = math.max(wide, text.width(row[3])) end
  for _, row in ipairs(rows) do row[2] = text.shorten(row[2], math.max(room - wide - 2, 12)) end
  for line in text.columns(rows, true):gmatch("[^\n]+") do lines[#lines + 1] = line end
  if #running + #busy > most_lines then lines[#lines + 1] = ("and %d more"):format(#running + #busy - most_lines) end
  for i, line in ipairs(lines) do lines[i] = text.shorten(line, width) end
  -- In one write, so that nothing flickers.
  self:write(erasure(self) .. table.concat(lines, "\n") .. "\n")
  self.drawn = lines
end

function Display:close()
  local last = erasure(self)
  if last ~= "" then self:write(last) end
end

return Display
