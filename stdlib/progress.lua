-- `for batch in progress(images:batches(256), {desc = "epoch 3"}) do` shows on stderr how far a loop is.

local expect = require "jetlua.internal.expect"
local settings = require "jetlua.internal.settings"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

local progress = {}

local redraw_seconds = 0.1
local line_seconds = 5
local quiet = settings.quiet == true

-- Loops that run now, outermost first; the line on the terminal tells of all of them.
local running = {}
local terminal, drawn_at, drawn_width = false, -math.huge, 0
-- When a plain line was last written, and how far the loop that wrote it was.
local reported_at = 0

local function duration(seconds)
  if seconds ~= seconds or seconds >= 360000 then return "--:--" end
  local s = math.floor(seconds + 0.5)
  if s < 3600 then return ("%d:%02d"):format(s // 60, s % 60) end
  return ("%d:%02d:%02d"):format(s // 3600, s // 60 % 60, s % 60)
end

local function rate(per_second)
  if per_second <= 0 or per_second ~= per_second or per_second == math.huge then return "" end
  if per_second < 1 then return (", %.2g s each"):format(1 / per_second) end
  if per_second < 1000 then return (", %.3g/s"):format(per_second) end
  return per_second < 1e6 and (", %.3gk/s"):format(per_second / 1e3) or (", %.3gM/s"):format(per_second / 1e6)
end

-- What `progress.note` was given, as ", loss 6.43, kl 0.0123": the total first, then by name.
local function noted(loop)
  local values = loop.note
  if type(values) == "function" then values = values() end
  if type(values) == "string" then return ", " .. text.one_line(values) end
  local names, parts = {}, {}
  for name, value in pairs(type(values) == "table" and values or {}) do
    if math.type(value) == nil then
      local known, number = pcall(function() return value:item() end)
      value = known and number or nil
    end
    if type(name) == "string" and type(value) == "number" then
      names[#names + 1] = name
      parts[name] = (", %s %.4g"):format(text.one_line(name), value)
    end
  end
  table.sort(names, function(a, b)
    if (a == "total") ~= (b == "total") then return a == "total" end
    return a < b
  end)
  for i, name in ipairs(names) do names[i] = parts[name] end
  return table.concat(names)
end

local function describe(loop, now)
  local elapsed = now - loop.started
  local speed = elapsed > 0 and loop.done / elapsed or 0
  local desc = loop.desc and loop.desc .. " " or ""
  if not loop.total then return ("%s%d [%s%s%s]"):format(desc, loop.done, duration(elapsed), rate(speed), noted(loop)) end
  local left = speed > 0 and loop.done < loop.total and ", " .. duration((loop.total - loop.done) / speed) .. " left" or ""
  return ("%s%3.0f%% %d/%d [%s%s%s%s]"):format(desc, 100 * loop.done / math.max(loop.total, 1), loop.done, loop.total,
    duration(elapsed), left, rate(speed), noted(loop))
end

local function describe_all(now)
  local parts = {}
  for i, loop in ipairs(running) do parts[i] = describe(loop, now) end
  return table.concat(parts, "  ")
end

local function draw(line)
  local columns = system.terminal_columns()
  line = text.shorten(line, math.max((columns or 80) - 1, 10))
  local width = text.width(line)
  system.write_error("\r" .. line .. (" "):rep(drawn_width - width))
  drawn_width = width
end

local function erase()
  if drawn_width > 0 then system.write_error("\r" .. (" "):rep(drawn_width) .. "\r") end
  drawn_width = 0
end

local function report(loop, now)
  if quiet then return end
  if terminal then
    if now - drawn_at < redraw_seconds then return end
    drawn_at = now
    draw(describe_all(now))
  elseif now - reported_at >= line_seconds then
    reported_at, loop.reported_done = now, loop.done
    system.write_error(describe_all(now) .. "\n")
  end
end

-- Looking at the clock every so many items costs nothing, and a loop that suddenly slows down is still noticed.
local longest_stride = 256

--- Looks at the clock, and chooses after how many items to do so again: about twenty times a second.
local function look(loop)
  local now = system.monotonic()
  local per_item = (now - loop.looked) / math.max(loop.done - loop.looked_done, 1)
  loop.looked, loop.looked_done = now, loop.done
  local stride = per_item > 0 and redraw_seconds / 2 / per_item or loop.stride * 2
  loop.stride = math.floor(math.max(1, math.min(stride, loop.stride * 4, longest_stride)))
  loop.look_at = loop.done + loop.stride
  report(loop, now)
end

local function finish(loop)
  if loop.finished then return end
  loop.finished = true
  for i = #running, 1, -1 do
    if running[i] == loop then table.remove(running, i) end
  end
  if quiet then return end
  local now = system.monotonic()
  local elapsed = now - loop.started
  if terminal then
    -- A loop inside another, or a short one, leaves nothing behind: two hundred epochs would fill the screen.
    if #running == 0 then
      if elapsed >= 2 then
        draw(describe(loop, now))
        system.write_error("\n")
        drawn_width = 0
      else
        erase()
      end
    end
  elseif #running == 0 and elapsed >= line_seconds and loop.reported_done ~= loop.done then
    system.write_error(describe(loop, now) .. "\n")
  end
end

local function length_of(iterator)
  local kind = type(iterator)
  if kind ~= "table" and kind ~= "userdata" then return nil end
  local metatable = getmetatable(iterator)
  if kind == "table" and not (type(metatable) == "table" and metatable.__len) then return nil end
  local counted, n = pcall(function() return #iterator end)
  return counted and math.type(n) == "integer" and n >= 0 and n or nil
end

local function counter(n)
  return function(_, i)
    i = i + 1
    if i <= n then return i end
  end, nil, 0, nil, n
end

--- Splits the arguments of `progress` into a generic-for quadruple, a total and options.
local function read(n, first, ...)
  if math.type(first) == "integer" then
    local f, s, c, closing, total = counter(first)
    return f, s, c, closing, total, (...)
  end
  if n <= 2 then
    local metatable = getmetatable(first)
    local closing = type(metatable) == "table" and metatable.__close and first or nil
    return first, nil, nil, closing, length_of(first), (...)
  end
  local state, control, closing, options = ...
  return first, state, control, closing, nil, options
end

local function callable(value)
  if type(value) == "function" then return true end
  if type(value) == "userdata" then return true end
  local metatable = getmetatable(value)
  return type(metatable) == "table" and metatable.__call ~= nil
end

--- Passes every value of `iterator` on and shows on stderr how many have gone by: one line that is redrawn at most ten
--- times a second on a terminal, a plain line every few seconds elsewhere. Nothing is ever written to stdout.
---
--- `iterator` is a function, a callable object (`#iterator`, where it has a length, is the total), what `pairs` or `ipairs`
--- return (options then come fifth), or a whole number n for 1 … n.
---
---     sum = 0
---     for i in progress(3) do sum = sum + i end
---     sum --> 6
---@param iterator any
---@param ... any { desc = text before the numbers, total = items expected }
---@return function iterator, nil state, any control, any closing
local function start(_, iterator, ...)
  local f, state, control, closing, total, options = read(select("#", ...) + 1, iterator, ...)
  if not callable(f) then expect.wrong("progress", "iterator", "a function, a callable object or a whole number", f) end
  options = expect.options("progress", options, { "desc", "total" })
  if options.desc ~= nil then expect.string("progress", "desc", options.desc) end
  if options.total ~= nil then total = expect.number("progress", "total", options.total, { integer = true, min = 0 }) end

  local now = system.monotonic()
  if #running == 0 then terminal, reported_at = system.is_terminal(2), now end
  local loop = {
    desc = options.desc and text.one_line(options.desc), total = total, done = 0, started = now,
    looked = now, looked_done = 0, stride = 1, look_at = 1,
  }
  running[#running + 1] = loop

  local function pass(...)
    if ... == nil then finish(loop) end
    return ...
  end

  local begun = false
  local function step(_, value)
    if begun then
      loop.done = loop.done + 1
      if loop.done >= loop.look_at then look(loop) end
    else
      begun, value = true, control
    end
    return pass(f(state, value))
  end

  -- The loop may end by break or by an error, and an outer iterator may need its own closing.
  local guard = setmetatable({}, {
    __close = function(_, problem)
      finish(loop)
      local close = closing ~= nil and getmetatable(closing)
      close = type(close) == "table" and close.__close
      if close then close(closing, problem) end
    end,
  })
  return step, nil, nil, guard
end

--- Says what the innermost loop that runs shows behind its numbers, the losses for one: a text, a table of numbers and tensors of one
--- element by name, or a function that gives one of these when a line is written. Outside a loop nothing happens.
---
---     last = nil
---     for i in progress(3) do
---       last = 1 / i
---       progress.note{loss = last}
---     end
---     last <= 0.5 --> true
---@param values string|table<string, any>|function|nil
function progress.note(values)
  local kind = type(values)
  if kind ~= "nil" and kind ~= "string" and kind ~= "table" and kind ~= "function" then
    expect.wrong("progress.note", "values", "a text, a table of numbers or a function", values)
  end
  if #running > 0 then running[#running].note = values end
end

--- Turns all output of `progress` off or on again; returns what it was before.
---
---     before = progress.quiet(true)
---     progress.quiet(before) --> true
---@param off boolean
---@return boolean
function progress.quiet(off)
  local before = quiet
  quiet = expect.boolean("progress.quiet", "off", off)
  if quiet then erase() end
  return before
end

return setmetatable(progress, { __call = start })
