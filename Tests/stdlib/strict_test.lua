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

testing.finish()
