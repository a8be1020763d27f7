-- io and os for a restricted script. Landlock decides what can be opened; here is what cannot even be asked for.

local files = {}

--- The library io without programs, without replacing the standard files.
function files.io()
  local function only_standard(name, current)
    return function(file)
      if file ~= nil then error(("io.%s: the standard files cannot be replaced here; use io.open"):format(name), 2) end
      return current()
    end
  end
  return {
    open = io.open, lines = io.lines, read = io.read, write = function(...) return io.write(...) end, close = io.close, type = io.type,
    stdin = io.stdin, stdout = io.stdout, stderr = io.stderr, input = only_standard("input", io.input), output = only_standard("output", io.output),
  }
end

--- The library os without programs, variables and files.
function files.os()
  return {
    time = os.time, clock = os.clock, date = os.date, difftime = os.difftime,
    exit = function(code) os.exit(code == nil or code, true) end,
    getenv = function(name)
      if type(name) ~= "string" then error("os.getenv: expected the name of a variable", 2) end
      return nil
    end,
  }
end

return files
