-- What differs between two runs: options, code, data, environment, results, and every number that they logged.

local json = require "jetlua.json"
local records = require "jetlua.run.records"
local system = require "jetlua.core.system"

local compare = {}

local function shown(value)
  if value == nil then return "-" end
  if type(value) == "table" or type(value) == "number" then return (json.encode(value)) end
  return tostring(value)
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" or a == json.null or b == json.null then
    return a == b and math.type(a) == math.type(b)
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

--- Leaves of `a` and `b` that differ: a list of { name, a's value, b's value } as texts, sorted; `skip` names keys to leave out.
local function leaves(a, b, skip)
  local found = {}
  local function walk(x, y, name)
    if same(x, y) then return end
    local tables = type(x) == "table" and type(y) == "table" and x ~= json.null and y ~= json.null and #x == 0 and #y == 0
    if not tables then
      found[#found + 1] = { name, shown(x), shown(y) }
      return
    end
    local keys, seen = {}, {}
    for _, side in ipairs { x, y } do
      for key in pairs(side) do
        if not seen[key] and not (skip and skip[key]) then keys[#keys + 1], seen[key] = key, true end
      end
    end
    table.sort(keys, function(p, q) return tostring(p) < tostring(q) end)
    for _, key in ipairs(keys) do walk(x[key], y[key], name and name .. "." .. tostring(key) or tostring(key)) end
  end
  walk(a or {}, b or {}, nil)
  return found
end

local function texts_of(record)
  local texts = {}
  if record.script then texts[record.script] = { file = record.script, sha256 = record.script_sha256 } end
  for _, module in ipairs(record.modules) do texts["module " .. tostring(module.name)] = module end
  return texts
end

--- Texts that differ: a list of { name, "only in a" | "only in b" | "differs", the difference as `diff -u` shows it }.
local function code(a, b)
  local mine, theirs, names, found = texts_of(a), texts_of(b), {}, {}
  for name in pairs(mine) do names[#names + 1] = name end
  for name in pairs(theirs) do
    if not mine[name] then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local x, y = mine[name], theirs[name]
    if not (x and y) then
      found[#found + 1] = { name, x and "only in the first" or "only in the second" }
    elseif x.sha256 ~= y.sha256 then
      local ran, result = pcall(system.run, { "diff", "-u", a.path .. "/" .. x.file, b.path .. "/" .. y.file })
      local difference = ran and result.status == 1 and result.stdout:gsub("^[^\n]*\n[^\n]*\n", "") or nil
      found[#found + 1] = { name, "differs", difference }
    end
  end
  return found
end

local function data_of(record)
  local files = {}
  for _, entry in ipairs(record.data) do
    files[tostring(entry.path):match("[^/]+$") or "?"] = { sha256 = entry.sha256, bytes = entry.bytes, cutflows = entry.cutflows }
  end
  return files
end

-- Where modules are looked for is no difference: their texts are compared.
local paths = { LUA_PATH = true, LUA_PATH_5_4 = true }

local function environment_of(record)
  return { versions = record.versions, cpu = record.cpu, system = record.system, host = record.host, variables = record.environment,
    git = record.git and { commit = record.git.commit, changed = record.git.changed } }
end

--- Differences in what went in: { options =, code =, data =, environment = }, each a list.
function compare.causes(a, b)
  return {
    options = leaves(a.options, b.options), code = code(a, b), data = leaves(data_of(a), data_of(b)),
    environment = leaves(environment_of(a), environment_of(b), paths),
  }
end

--- Differences in the results that were reported: a list of { name, a's value, b's value }.
function compare.results(a, b)
  return leaves(a.results, b.results)
end

local clock = { seconds = true }

--- Differences in the logged metrics, the first of each name: { place, a's value, b's value }, and how many numbers were compared.
function compare.metrics(a, b)
  local mine, theirs = records.metrics(a.path), records.metrics(b.path)
  local found, seen, count = {}, {}, 0
  if #mine ~= #theirs then found[1] = { "lines", shown(#mine), shown(#theirs) } end
  for i = 1, math.min(#mine, #theirs) do
    for key in pairs(mine[i]) do
      if not clock[key] then count = count + 1 end
    end
    for _, difference in ipairs(leaves(mine[i], theirs[i], clock)) do
      if not seen[difference[1]] then
        seen[difference[1]] = true
        found[#found + 1] = { ("%s, line %d"):format(difference[1], i), difference[2], difference[3] }
      end
    end
  end
  return found, count
end

--- Files with numbers of both runs (scores, weights) whose bytes differ: { file, sha256 of each, or "-" }, and how many were compared.
function compare.files(a, b)
  local found, count = {}, 0
  for _, file in ipairs { "scores.npz", "checkpoints/last.safetensors", "checkpoints/best.safetensors" } do
    local sums = {}
    for i, record in ipairs { a, b } do
      local path = record.path .. "/" .. file
      sums[i] = system.exists(path) and system.sha256_file(path):sub(1, 16) or "-"
    end
    if sums[1] ~= "-" or sums[2] ~= "-" then count = count + 1 end
    if sums[1] ~= sums[2] then found[#found + 1] = { file, sums[1], sums[2] } end
  end
  return found, count
end

return compare
