local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local nearest = require "jetlua.internal.nearest"
require "strict"

testing.raises("strict_test.lua:5: variable \"pritn\" is not declared; did you mean \"print\"?", function() return pritn end)
testing.raises("global \"total\" is not declared: write \"local total\"", function() total = 1 end)
rawset(_G, "declared", 1)
testing.equal(declared, 1)
declared = nil
testing.equal(rawget(_G, "undeclared"), nil)

testing.equal(nearest("sigal", { "signal", "seed", "ratio" }), "signal")
testing.equal(nearest("singal", { "signal", "single" }), "signal")
testing.equal(nearest("epochs", { "epoch" }), "epoch")
testing.equal(nearest("xlog", { "logx", "title" }), "logx")
testing.equal(nearest("quite", { "quiet", "quit" }), "quiet")
testing.equal(nearest("zzz", { "signal", "seed" }), nil)
testing.equal(nearest("", { "a" }), nil)

-- Every script that users run, and what `jetlua new` starts from, asks for it before it uses a global of its own.
local system = require "jetlua.core.system"
local home, seen = testing.folder .. "../..", 0
for _, place in ipairs { "commands", "scripts", "scripts/examples", "scripts/simulate", "scripts/convert" } do
  for _, file in ipairs(system.list_directory(home .. "/" .. place)) do
    if file:find("%.lua$") then
      seen = seen + 1
      local text = "\n" .. system.read_file(home .. "/" .. place .. "/" .. file)
      testing.check(text:find('\nrequire "strict"') or text:find('\nrequire "jetlua%.strict"'), place .. "/" .. file .. ' has no require "strict"')
    end
  end
end
testing.check(seen > 20, "scripts found: " .. seen)

testing.finish()
