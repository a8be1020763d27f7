-- jetlua runs [FOLDER]: lists the runs of a folder (runs/ or $JETLUA_RUNS) with their results.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local json = require "jetlua.json"
local options = require "jetlua.options"
local records = require "jetlua.run.records"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

local words = commands.operands()
local o = options {
  { "name", nil, "only runs whose name holds this", type = "string" },
  { "status", nil, "only runs that ended so", choices = { "running", "finished", "failed", "interrupted", "killed", "pruned", "ended" }, type = "string" },
  { "where", nil, 'only runs for which this holds, such as "auc > 0.9 and beta = 0.1"', type = "string" },
  { "sort", "started", "by this column: started, seconds, name, status, or a result, the largest first", type = "string" },
  { "json", false, "a line of JSON for each run" },
}
if #words > 1 then options.fail("expected at most one folder, got %d", #words) end
local root = records.root(words[1])
if not system.is_directory(root) then
  options.fail("%s: expected a folder of runs, found none; run a script first or name its folder", text.one_line(root))
end
local runs, damaged = options.attempt(records.list, root)

-- "auc > 0.9 and beta = 0.1": conditions on results, options and columns, all of which must hold.
local function conditions(written)
  local list = {}
  for part in (written:gsub("%s+and%s+", ",") .. ","):gmatch("%s*([^,]*),") do
    local name, operator, value = part:match("^([%w_.]+)%s*([<>=~!]=?)%s*(.-)%s*$")
    if not name or value == "" then options.fail('--where: expected conditions such as "auc > 0.9 and beta = 0.1", got %s', text.one_line(written)) end
    list[#list + 1] = { name = name, operator = operator, value = tonumber(value) or value }
  end
  return list
end

local tests = {
  ["<"] = function(a, b) return a < b end, ["<="] = function(a, b) return a <= b end, [">"] = function(a, b) return a > b end,
  [">="] = function(a, b) return a >= b end, ["="] = function(a, b) return a == b end, ["=="] = function(a, b) return a == b end,
  ["~="] = function(a, b) return a ~= b end, ["!="] = function(a, b) return a ~= b end,
}

local function holds(r, condition)
  local value = r.results[condition.name]
  if value == nil then value = r.options[condition.name] end
  if value == nil then value = r[condition.name] end
  if type(value) == "boolean" then value = tostring(value) end
  local test = tests[condition.operator]
  if not test then options.fail("--where: expected one of < <= > >= = ~=, got %s", condition.operator) end
  if type(value) ~= type(condition.value) then return condition.operator == "~=" or condition.operator == "!=" end
  return test(value, condition.value)
end

local wanted = o.where and conditions(o.where) or {}
local function passes(r)
  for _, condition in ipairs(wanted) do
    if not holds(r, condition) then return false end
  end
  return true
end

local shown = {}
for _, r in ipairs(runs) do
  if (not o.name or r.name:find(o.name, 1, true)) and (not o.status or r.status == o.status) and passes(r) then shown[#shown + 1] = r end
end

local plain = { started = true, seconds = true, name = true, status = true }
local function key(r)
  if plain[o.sort] then return r[o.sort] end
  return type(r.results) == "table" and r.results[o.sort]
end
local any = #shown == 0
for _, r in ipairs(shown) do any = any or key(r) ~= nil end
if not any then options.fail("--sort: %s: expected a column or a result that a run reported, found none", text.one_line(o.sort)) end
table.sort(shown, function(a, b)
  local x, y = key(a), key(b)
  if type(x) == "number" and type(y) == "number" then
    if x ~= y then return x > y end
  elseif (type(x) == "number") ~= (type(y) == "number") and not plain[o.sort] then
    return type(x) == "number"
  elseif x ~= y and type(x) == "string" and type(y) == "string" then
    return x < y
  end
  return a.path < b.path
end)

if o.json then
  for _, r in ipairs(shown) do print((json.encode(r))) end
else
  local rows = { { "run", "status", "started", "seconds", "seed", "results" } }
  for _, r in ipairs(shown) do
    local results = {}
    for name, value in pairs(type(r.results) == "table" and r.results or {}) do
      if type(value) == "number" then results[#results + 1] = ("%s %s"):format(name, ("%.4g"):format(value)) end
    end
    table.sort(results)
    rows[#rows + 1] = {
      r.path:match("[^/]+$"), tostring(r.status), tostring(r.started or "-"):gsub("T", " "):gsub("Z$", ""),
      r.seconds and ("%.1f"):format(r.seconds) or "-", r.seed ~= nil and tostring(r.seed) or "-",
      text.shorten(table.concat(results, ", "), 100),
    }
  end
  print(text.columns(rows, true))
  print(("%d of %d runs in %s"):format(#shown, #runs, root))
end
for _, path in ipairs(damaged) do io.stderr:write(("runs: %s/run.json cannot be read and is left out\n"):format(path)) end
