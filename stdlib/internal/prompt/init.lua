-- What the prompt does with what was typed at a terminal: compile it, show what it gives, keep what was declared.

local _ENV = require "jetlua.internal.prompt.own"

local environment = require "jetlua.internal.prompt.environment"
local failure = require "jetlua.internal.prompt.failure"
local locals = require "jetlua.internal.prompt.locals"
local nearest = require "jetlua.internal.nearest"
local timing = require "jetlua.internal.prompt.timing"

local prompt = {}

local variables = environment.variables

local commands = {
  time = { "how long the last statement took, and what memory it left", function() return timing.report() end },
  help = { "this list; ?name explains a function or module", function() return prompt.commands() end },
  quit = { "ends the session, as Ctrl-D does", function() os.exit(true, true) end },
}

--- The commands that begin with a colon.
---@return string
function prompt.commands()
  local lines = {}
  for name, command in pairs(commands) do lines[#lines + 1] = ("  :%-5s %s"):format(name, command[1]) end
  table.sort(lines)
  return table.concat(lines, "\n") .. "\n  ;      at the end of a line shows no result; _ is the last result"
end

local function compile(source) return load(source, "=stdin", "t", variables) end

--- Expressions as the arguments of a call that gives them back: behind a plain `return` the last one would be a tail call,
--- which takes the line that was typed out of the traceback.
local function compile_expressions(source)
  local chunk, problem = compile("return " .. source)
  if not chunk then return nil, problem end
  return compile("return _PASS(" .. source:gsub(";%s*$", "") .. "\n)") or chunk
end

local function is_incomplete(problem) return problem:sub(-5) == "<eof>" end

-- Whether the results of what runs now are shown.
local muted = false

--- Compiles what was typed so far. Gives a function to run, or nil with what to print in its place and whether that tells of
--- a mistake, or false where another line is needed; `last` says that there is none.
---@param source string
---@param last boolean
---@return function|false|nil, string|nil, boolean|nil
function prompt.compile(source, last)
  local question = source:match("^%s*%?(.*)$")
  if question then
    return function() return require("jetlua.help").prompt(question) end
  end
  local name, rest = source:match("^%s*:(%a+)%s*(.-)%s*$")
  if name then
    local command = commands[name]
    if command and rest == "" then return nil, command[2]() end
    local names = {}
    for known in pairs(commands) do names[#names + 1] = known end
    local near = not command and nearest(name, names)
    local wrong = command and (":%s takes nothing after it"):format(name)
      or ("no command :%s; %s"):format(name, near and ("did you mean :%s?"):format(near) or ":help lists them")
    return nil, wrong, true
  end

  -- "=x" is the older way to write "x". One line is an expression if it can be; several lines are first a statement.
  local expression = source:match("^=(.*)$")
  local text = locals.rewrite(source)
  local chunk, problem
  if expression then
    chunk, problem = compile_expressions(expression)
  elseif source:find("\n", 1, true) then
    chunk, problem = compile(text)
    if not chunk then chunk = compile_expressions(text) end
  else
    chunk, problem = compile_expressions(text)
    if not chunk then chunk, problem = compile(text) end
  end
  if not chunk then
    if not last and is_incomplete(problem) then return false end
    return nil, (problem:gsub("_LOCAL%.", "")), true
  end
  muted = source:find(";%s*$") ~= nil
  timing.start()
  return chunk
end

--- Prints what a statement gave and keeps its first value as `_`.
function prompt.show(...)
  timing.stop()
  if select("#", ...) == 0 then return end
  environment.remember((...))
  if muted then return end
  local shown = require "jetlua.internal.prompt.shown"
  local values = table.pack(...)
  for i = 1, values.n do
    local kind = type(values[i])
    if kind == "function" or kind == "table" then values[i] = shown(values[i]) end
  end
  _G.print(table.unpack(values, 1, values.n))
end

--- The text of an error that a statement raised.
---@param message string
---@return string
function prompt.failure(message)
  timing.stop()
  return failure(message)
end

--- Completions of the word at `first..last` of a line; see completion.lua.
function prompt.complete(line, first, last)
  return require "jetlua.internal.prompt.completion"(line, first, last, variables)
end

return prompt
