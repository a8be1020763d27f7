-- What jetlua says of itself: every op, function, method and module has documentation and an example that runs.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal = testing.check, testing.equal

if not pcall(require, "jetlua.core.documentation") then
  testing.skip("this interpreter has no native modules")
  testing.finish()
end

local documentation = require "jetlua.core.documentation"
local examples = require "jetlua.help.examples"
local show = require "jetlua.internal.show"

-- Values as the prompt shows them.
equal(show({}), "{}")
equal(show({ 1, 2.5, "x", true }), '{1, 2.5, "x", true}')
equal(show({ 1, a = { b = {} }, [10] = 2 }), "{1, [10] = 2, a = {b = {}}}")
equal(show({ { { { 1 } } } }), "{{{{…}}}}")
local ring = {}
ring.self = ring
equal(show(ring), "{self = {…}}")
local long = {}
for i = 1, 30 do long[i] = i end
equal(show(long), "{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, … (30 in all)}")
equal(show({ x = require("tensor").zeros(2, 3), f = print }), "{f = function, x = tensor [2, 3] float32}")
equal(show("plain"), "plain")
equal(show(setmetatable({}, { __tostring = function() return "mine" end })), "mine")

-- The checker of examples sees what is wrong.
check(examples.check("1 + 1 --> 2"))
check(examples.check("x = 3\nx * 2 --> 6\nx --> 3"))
check(examples.check("print('a', 1) --> a 1"))
check(examples.check("for i = 1, 2 do\n  print(i)\nend\nnil --> 1 2 nil"))
check(examples.check("error('no', 0) --> error: no"))
check(examples.check("{1, 2, 3} --> {1, …}"))
check(not examples.check("1 + 1 --> 3"))
check(not examples.check("1 + 1"))
check(not examples.check("error('no')"))
check(not examples.check("1 + --> 1"))
check(not examples.check("tensor{1, 2} --> [1., 3.]"))
check(not examples.check("tensor{1, 2} --> [1., 2.] tensor [3] float32 …"))

for _, op in ipairs(documentation.ops()) do
  check(op.summary:find("%S"), op.name .. ": has no summary")
  local runs, problem = examples.check(op.example)
  check(runs, op.name .. ": example: " .. tostring(problem))
end

testing.finish()
