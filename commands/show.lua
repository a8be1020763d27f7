-- jetlua show FILE.jetpack: what a pack holds and what its script touches; nothing of it is run.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local jetpack = require "jetlua.run.jetpack"
local json = require "jetlua.json"
local options = require "jetlua.options"
local text = require "jetlua.internal.text"
local touches = require "jetlua.run.jetpack.touches"

local words = commands.operands()
local o = options { { "text", false, "print the script and its modules" }, { "json", false, "the manifest as JSON" }, { "limit", jetpack.limit / 1e9, "GB that it may unfold to", min = 0 } }
if #words ~= 1 then options.fail("expected one jetpack, got %d", #words) end
local path = words[1]
local manifest = options.attempt(jetpack.open, path, { limit = math.floor(o.limit * 1e9) })
if o.json then
  print((json.encode(manifest, { indent = 2 })))
  return
end

local function value_text(value) return text.one_line(type(value) == "table" and (json.encode(value)) or tostring(value)) end
local function section(title, map)
  local rows = {}
  for name, value in pairs(type(map) == "table" and map or {}) do rows[#rows + 1] = { "  " .. text.one_line(tostring(name)), text.shorten(value_text(value), 90) } end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  if #rows > 0 then print(title .. "\n" .. text.columns(rows)) end
end

print(("%s: the %s %s%s"):format(path, manifest.kind == "run" and "run" or "script", value_text(manifest.name),
  manifest.started and (", started %s, %s"):format(value_text(manifest.started), value_text(manifest.status)) or ""))
section("options", manifest.options)
section("results", manifest.results)
section("made with", manifest.versions)
local figures, others = {}, {}
for _, file in ipairs(manifest.files) do
  local list = file.name:find("^plots/.*%.png$") and figures or others
  list[#list + 1] = { "  " .. text.one_line(file.name), ("%d"):format(file.bytes) }
end
if #figures > 0 then print("figures\n" .. text.columns(figures)) end
print("other files\n" .. text.columns(others))
for _, data in ipairs(type(manifest.data) == "table" and manifest.data or {}) do
  print(("data: %s, %s bytes, SHA-256 %s%s%s"):format(value_text(data.name), value_text(data.bytes), value_text(data.sha256),
    data.file and ", inside" or ", not inside", data.where and "; " .. value_text(data.where) or ""))
end

local all = { requires = {}, calls = {}, files = {} }
local scripts = { manifest.script }
for _, module in ipairs(type(manifest.modules) == "table" and manifest.modules or {}) do scripts[#scripts + 1] = module.file end
for _, name in ipairs(scripts) do
  local source = options.attempt(jetpack.read, path, manifest, name)
  if source then
    if o.text then io.write(("-- %s\n%s\n"):format(text.one_line(name), (text.valid(source):gsub("[^\n\t%g\x80-\xff ]", "?")))) end
    for kind, list in pairs(touches.of(source)) do
      for _, item in ipairs(list) do all[kind][item] = true end
    end
  end
end
local function listed(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = text.one_line(name) end
  table.sort(names)
  return #names > 0 and table.concat(names, ", ") or "none"
end
print("by its text, the script")
print("  requires: " .. listed(all.requires))
print("  names functions of the system: " .. listed(all.calls))
print("  writes down paths: " .. listed(all.files))
