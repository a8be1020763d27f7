-- Examples are Lua with their results: lines are statements, or an expression followed by ` --> ` and what the prompt prints.

local show = require "jetlua.internal.show"

local examples = {}

--- The names an example may use: jetlua's modules, what it sets itself, and Lua's globals.
local function surroundings()
  return setmetatable({}, {
    __index = function(_, name)
      if _G[name] ~= nil then return _G[name] end
      return package.preload["jetlua." .. tostring(name)] and require("jetlua." .. name) or nil
    end,
  })
end

local function without_blanks(s) return (s:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")) end

--- Whether a printed text is the expected one, and how it is compared: line breaks count as blanks, `…` stands for anything,
--- and the closing line of each tensor may be left out.
---@param printed string
---@param expected string
---@return boolean, string compared
function examples.agree(printed, expected)
  if not expected:find("tensor [", 1, true) then printed = ("\n" .. printed):gsub("\ntensor %[[^\n]*", "") end
  printed = without_blanks(printed)
  local pattern = without_blanks(expected):gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"):gsub("…", ".-")
  return printed:find("^" .. pattern .. "$") ~= nil, printed
end

--- The steps of an example: code, and what it shall print where that is said.
---@param example string
---@return { code: string, expected: string? }[]
function examples.steps(example)
  local steps, statements = {}, {}
  for line in (example .. "\n"):gmatch("([^\n]*)\n") do
    local code, expected = line:match("^(.-)%s+%-%->%s*(.*)$")
    if code and #statements > 0 then
      steps[#steps + 1] = { code = table.concat(statements, "\n") }
      statements = {}
    end
    if code then
      steps[#steps + 1] = { code = code, expected = expected }
    elseif line:find("%S") then
      statements[#statements + 1] = line
    end
  end
  if #statements > 0 then steps[#steps + 1] = { code = table.concat(statements, "\n") } end
  return steps
end

local function run(example, printed)
  local environment, compared = surroundings(), 0
  for _, step in ipairs(examples.steps(example)) do
    local chunk, problem = load("return " .. step.code, "=example", "t", environment)
    if not chunk then chunk, problem = load(step.code, "=example", "t", environment) end
    if not chunk then return false, ("%s: %s"):format(step.code, problem) end
    local results = table.pack(pcall(chunk))
    local shown = {}
    for i = 2, results.n do shown[i - 1] = show(results[i]) end
    if not results[1] and not (step.expected and step.expected:find("^error: ")) then
      return false, ("%s: %s"):format(step.code, tostring(results[2]))
    end
    -- The mistakes that an example shows come without the place where they were made.
    if not results[1] then shown = { "error: " .. tostring(results[2]):gsub("^example:%d+: ", "") } end
    if #shown > 0 then printed[#printed + 1] = table.concat(shown, "\n") end
    if step.expected then
      local agrees, got = examples.agree(table.concat(printed, "\n"), step.expected)
      if not agrees then return false, ("%s\n  expected %s\n  got      %s"):format(step.code, step.expected, got) end
      compared = compared + 1
      for i = #printed, 1, -1 do printed[i] = nil end
    end
  end
  if compared == 0 then return false, "shows no result: write CODE --> RESULT" end
  return true
end

--- Runs an example; `true`, or `false` and what differs. Examples that print nothing to compare count as wrong.
---@param example string
---@return boolean, string? problem
function examples.check(example)
  local printed, print, arg = {}, _G.print, rawget(_G, "arg")
  -- An example is no script with a command line of its own.
  rawset(_G, "arg", nil)
  function _G.print(...)
    local shown = {}
    for i = 1, select("#", ...) do shown[i] = tostring((select(i, ...))) end
    printed[#printed + 1] = table.concat(shown, "\t")
  end
  local finished, passed, problem = pcall(run, example, printed)
  _G.print = print
  rawset(_G, "arg", arg)
  if not finished then return false, tostring(passed) end
  return passed, problem
end

return examples
