-- The globals of a restricted script: an allow-list, nothing of which leads to Lua's own libraries.

local files = require "jetlua.internal.restricted.files"
local shield = require "jetlua.internal.restricted.shield"
local system = require "jetlua.core.system"

local environment = {}

--- The modules of jetlua that a restricted script may require; `sweep` starts programs.
environment.modules = {
  "autograd", "diagnostics", "jets", "json", "metrics", "models", "nn", "optim", "options", "plot", "progress", "run", "tensor",
}

local function copy(library, ...)
  local left_out, result = {}, {}
  for _, name in ipairs { ... } do left_out[name] = true end
  for name, value in pairs(library) do
    if not left_out[name] then result[name] = value end
  end
  return result
end

local binary = "attempt to load a binary chunk (only texts are loaded here)"

-- load and require for texts only, which see the script's globals.
local function loaders(globals, folder)
  local loaded, loading = {}, {}
  local allowed = {}
  for _, name in ipairs(environment.modules) do allowed[name], allowed["jetlua." .. name] = name, name end

  local function load_text(chunk, name, mode, env, ...)
    if mode ~= nil and type(mode) == "string" and not mode:find("t", 1, true) then return nil, binary end
    if type(chunk) == "string" and chunk:sub(1, 1) == "\27" then return nil, binary end
    local given = select("#", ...) > 0 or env ~= nil
    return load(chunk, name, "t", given and env or globals)
  end

  local function require_module(name)
    if type(name) ~= "string" then error(("bad argument #1 to 'require' (string expected, got %s)"):format(type(name)), 2) end
    if loaded[name] ~= nil then return loaded[name] end
    if name == "strict" or name == "jetlua.strict" then return environment.strict(globals) end
    if allowed[name] then
      loaded[name] = shield.face(require("jetlua." .. allowed[name]))
      return loaded[name]
    end
    if loading[name] then error(("module '%s' requires itself"):format(name), 2) end
    if name:find("^[%w_%-]+[%w_%-.]*$") and not name:find("..", 1, true) then
      local stem = folder .. "/" .. name:gsub("%.", "/")
      for _, path in ipairs { stem .. ".lua", stem .. "/init.lua", folder .. "/modules/" .. name:gsub("%.", "/") .. ".lua" } do
        if system.exists(path) then
          local text = system.read_file(path)
          local chunk, problem = load(text, "@" .. path, "t", globals)
          if not chunk then error(problem, 0) end
          require("jetlua.run.origin").loaded(name, path, text)
          loading[name] = true
          local result = chunk(name, path)
          loading[name] = nil
          loaded[name] = result == nil and true or result
          return loaded[name]
        end
      end
    end
    error(("module '%s' not found: a restricted script requires modules of its own folder and %s"):format(name,
      table.concat(environment.modules, ", ")), 2)
  end
  return load_text, require_module
end

--- Undeclared globals raise, as with `require "strict"`.
function environment.strict(globals)
  environment.strictly[globals] = true
  return true
end
environment.strictly = setmetatable({}, { __mode = "k" })

--- New globals for a script; `options.folder` is where its own modules are, `options.words` its command line.
---@param options { folder: string, words: table }
---@return table
function environment.new(options)
  local globals, own = {}, setmetatable({}, { __mode = "k" })
  local load_text, require_module = loaders(globals, options.folder)

  -- The metatables of strings and of what jetlua makes are nobody's to see; a script sees those that it has set.
  local function get_metatable(value)
    local metatable = getmetatable(value)
    if type(metatable) ~= "table" then return metatable end
    local protected = rawget(metatable, "__metatable")
    if protected ~= nil then return protected end
    return own[metatable] and metatable or false
  end
  local function set_metatable(value, metatable)
    if type(value) ~= "table" then error(("bad argument #1 to 'setmetatable' (table expected, got %s)"):format(type(value)), 2) end
    local old = getmetatable(value)
    if shield.is_face(value) or old ~= nil and not own[old] then error("cannot change a protected metatable", 2) end
    if metatable ~= nil then
      if type(metatable) ~= "table" or shield.is_face(metatable) then error("bad argument #2 to 'setmetatable' (a table of the script expected)", 2) end
      -- A finalizer would run between any two steps, outside of what the script is asked for.
      if rawget(metatable, "__gc") ~= nil then error("__gc: finalizers are not allowed here", 2) end
      own[metatable] = true
    end
    return setmetatable(value, metatable)
  end
  local function raw_set(t, key, value)
    if type(t) ~= "table" or shield.is_face(t) or own[t] and key == "__gc" then error("rawset: this table is read-only here", 2) end
    return rawset(t, key, value)
  end
  local function collect(what)
    if what == "count" then return collectgarbage "count" end
    if what ~= nil and what ~= "collect" and what ~= "step" then error("collectgarbage: expected \"collect\", \"step\" or \"count\"", 2) end
    return collectgarbage(what)
  end

  local strings = copy(string, "dump")
  local allowed = {
    assert = assert, error = error, getmetatable = get_metatable, ipairs = ipairs, load = load_text, next = next, pairs = pairs, pcall = pcall,
    print = function(...) return rawget(_G, "print")(...) end, rawequal = rawequal, rawget = rawget, rawlen = rawlen, rawset = raw_set,
    require = require_module, select = select, setmetatable = set_metatable, tonumber = tonumber, tostring = tostring, type = type, warn = warn,
    xpcall = xpcall, collectgarbage = collect, _VERSION = _VERSION,
    string = shield.face(strings), table = shield.face(copy(table)), math = shield.face(copy(math)), utf8 = shield.face(copy(utf8)),
    coroutine = shield.face(copy(coroutine)), io = shield.face(files.io()), os = shield.face(files.os()),
    debug = shield.face { traceback = function(message) return debug.traceback(type(message) == "string" and message or "", 2) end },
  }
  for name, value in pairs(allowed) do globals[name] = value end
  globals._G = globals
  globals.arg = {}
  for i, word in pairs(options.words) do
    if type(i) == "number" and i >= 0 then globals.arg[i] = word end
  end
  -- ("x"):f() looks here.
  local of_strings = getmetatable("")
  of_strings.__index = shield.face(strings)
  of_strings.__metatable = false
  setmetatable(globals, {
    __metatable = false,
    __index = function(_, name)
      if environment.strictly[globals] then error(("variable \"%s\" is not declared"):format(tostring(name)), 2) end
    end,
    __newindex = function(_, name, value)
      if environment.strictly[globals] then error(("global \"%s\" is not declared: write \"local %s\""):format(tostring(name), tostring(name)), 2) end
      rawset(globals, name, value)
    end,
  })
  return globals
end

return environment
