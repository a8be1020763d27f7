-- What `jetlua --profile` does around a script: it takes down every native call, op, gradient and layer, prints at the end where the
-- time and the memory went, by op, by layer and by line of the script, and writes a trace of the single intervals.

local core = require "jetlua.core.profile"
local settings = require "jetlua.internal.settings"
local text = require "jetlua.internal.text"

local profile = {}

local longest_table = 15

-- A script may put other functions in their place.
local exit, stderr = os.exit, io.stderr

-- Leaves what `around` entered, also when an error passes.
local leaving = setmetatable({}, { __close = function() core.leave() end })

--- A module's `__call` that says when it begins and ends.
---@param call fun(self: table, ...: any): any
---@return fun(self: table, ...: any): any
function profile.around(call)
  return function(self, ...)
    core.enter(getmetatable(self).__name)
    local _ <close> = leaving
    return call(self, ...)
  end
end

local function milliseconds(seconds) return ("%.1f"):format(seconds * 1e3) end

local function share(seconds, all) return all > 0 and ("%.1f %%"):format(100 * seconds / all) or "-" end

local function size(bytes)
  for _, unit in ipairs { { "GB", 1e9 }, { "MB", 1e6 }, { "kB", 1e3 } } do
    if bytes >= unit[2] then return ("%.1f %s"):format(bytes / unit[2], unit[1]) end
  end
  return ("%d B"):format(bytes)
end

--- Adds the totals up by what `key` makes of each ("" leaves one out): a list with the longest own time first. Intervals of `counted`
--- make the number of calls, or all.
local function grouped(totals, key, counted)
  local groups, list = {}, {}
  for _, total in ipairs(totals) do
    local name = key(total)
    if name ~= "" and total.name ~= "profile" then
      local group = groups[name]
      if not group then
        group = { name = name, count = 0, own = 0, bytes = 0 }
        groups[name], list[#list + 1] = group, group
      end
      if not counted or total.kind == counted then group.count = group.count + total.count end
      group.own, group.bytes = group.own + total.own, group.bytes + total.bytes
    end
  end
  table.sort(list, function(a, b)
    if a.own ~= b.own then return a.own > b.own end
    return a.name < b.name
  end)
  return list
end

local function add_table(lines, heading, list, all)
  if #list == 0 then return end
  local rows = { { heading, "calls", "ms", "share", "tensors made" } }
  for i = 1, math.min(#list, longest_table) do
    local group = list[i]
    rows[#rows + 1] = { group.name, group.count, milliseconds(group.own), share(group.own, all), size(group.bytes) }
  end
  lines[#lines + 1] = text.columns(rows, true)
  if #list > longest_table then lines[#lines + 1] = ("and %d more"):format(#list - longest_table) end
  lines[#lines + 1] = ""
end

local kinds = { op = "%s", gradient = "%s, gradient", call = "%s ()", layer = "calls of layers" }

--- The tables that are printed at the end.
---@return string
function profile.report()
  local totals, all = core.totals()
  local native = 0
  for _, total in ipairs(totals) do native = native + total.own end
  local lines = {
    ("profile: %.3f s, of them %s in Lua itself and outside of jetlua's functions; times and memory are without those of what ran inside"):format(
      all, share(math.max(all - native, 0), all)),
    "",
  }
  add_table(lines, "op or function ()", grouped(totals, function(t) return kinds[t.kind]:format(t.name) end), all)
  add_table(lines, "layer", grouped(totals, function(t) return t.layer end, "layer"), all)
  add_table(lines, "line of the script, gradients with their ops", grouped(totals, function(t) return t.line end, "call"), all)
  return table.concat(lines, "\n")
end

-- NAME.trace.json in the current folder for NAME.lua.
local function trace_path(given)
  if given ~= "" then return given end
  local script = arg and arg[0] or "jetlua"
  return (script:match("([^/]+)$") or script):gsub("%.lua$", "") .. ".trace.json"
end

local function finish(given)
  core.stop()
  stderr:write("\n", profile.report())
  local path = trace_path(given)
  local written, left_out = pcall(core.write_trace, path)
  if not written then
    stderr:write("profile: no trace: ", tostring(left_out), "\n")
    return
  end
  stderr:write(("profile: %s holds the single intervals%s; https://ui.perfetto.dev and speedscope show them\n"):format(
    path, left_out > 0 and (" but for the last %d"):format(left_out) or ""))
end

--- Begins; the end of the program, however it comes, prints and writes.
---@param path string of the trace; "" for the script's name
function profile.start(path)
  settings.profile = true
  local done = false
  local function once()
    if not done then
      done = true
      finish(path)
    end
  end
  profile.guard = setmetatable({}, { __gc = once })
  os.exit = function(...)
    once()
    return exit(...)
  end
  core.start()
end

return profile
