local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local system = require "jetlua.core.system"
local check, equal, raises = testing.check, testing.equal, testing.raises

-- The clock and the terminal are replaced; the module under test asks the same table.
local time, written, looks = 0, {}, 0
system.monotonic = function()
  looks = looks + 1
  return time
end
system.write_error = function(s) written[#written + 1] = s end
system.is_terminal = function() return false end
system.terminal_columns = function() return 60 end
local progress = require "progress"

local function collect(...)
  local seen = {}
  for a, b in progress(...) do seen[#seen + 1] = b == nil and a or { a, b } end
  return seen
end

equal(collect(ipairs { "a", "b" }), { { 1, "a" }, { 2, "b" } }, "a triplet, all values")
equal(collect(pairs { x = 1 }), { { "x", 1 } })
equal(collect(3), { 1, 2, 3 })
equal(collect(0), {})
equal(collect(function() return nil end), {})
equal(collect(("a b"):gmatch("%a"), { desc = "letters", total = 2 }), { "a", "b" })
local batches = setmetatable({ left = 3 }, {
  __len = function() return 3 end,
  __call = function(self)
    self.left = self.left - 1
    if self.left >= 0 then return { x = self.left } end
  end,
})
equal(collect(batches), { { x = 2 }, { x = 1 }, { x = 0 } }, "a callable object with a length")
equal(written, {}, "short loops write nothing when stderr is no terminal")

raises("progress: unknown option \"dsec\"; did you mean \"desc\"?", progress, print, { dsec = "" })
raises("progress: iterator: expected a function, a callable object or a whole number, got a table", progress, { 1 })
raises("progress: total: expected an integer of at least 0, got -1", progress, print, { total = -1 })

for _ in progress(100, { desc = "fit" }) do time = time + 0.2 end
equal(#written, 4, "a line every five seconds")
equal(written[1], "fit  25% 25/100 [0:05, 0:15 left, 5/s]\n")
equal(written[4], "fit 100% 100/100 [0:20, 5/s]\n", "the last line comes once")
written = {}
for _ in progress(30) do time = time + 0.2 end
equal(written[2], "100% 30/30 [0:06, 5/s]\n", "and it does come")
written = {}

looks = 0
for _ in progress(1000000) do time = time + 1e-6 end
check(looks < 1e6 / 200, "a fast loop looks at the clock rarely: " .. looks)
looks = 0
for i in progress(3000) do time = time + (i < 2000 and 1e-6 or 1) end
check(looks > 300, "a loop that becomes slow is noticed: " .. looks)

local closed = 0
local closing = setmetatable({}, { __close = function() closed = closed + 1 end })
for _ in progress(function() return 1 end, nil, nil, closing) do break end
equal(closed, 1, "break closes the inner iterator")
pcall(function()
  for _ in progress(function() return 1 end, nil, nil, closing) do error("x") end
end)
equal(closed, 2, "so does an error")

system.is_terminal = function(descriptor) return descriptor == 2 end
written = {}
for _ in progress(40, { desc = "epoch" }) do
  for _ in progress(10, { desc = "b" }) do time = time + 0.01 end
end
check(#written <= 4.0 / 0.1 + 3 and #written > 20, "at most ten lines a second: " .. #written)
check(written[20]:find("^\repoch +%d+%% %d+/40 .*  b +%d+%%"), "one line tells of both loops: " .. written[20])
check(written[#written] == "\n", "a long loop leaves its last line")
local widest = 0
for _, line in ipairs(written) do widest = math.max(widest, utf8.len((line:gsub("\r", ""):gsub("%s+$", "")))) end
check(widest <= 59, "no line is wider than the terminal: " .. widest)
for _, line in ipairs(written) do check(not line:find("\n.") , "one line only") end

written = {}
for _ in progress(3) do time = time + 0.11 end
check(written[#written]:find("^\r +\r$"), "a short loop is wiped out")

written = {}
equal(progress.quiet(true), false)
for _ in progress(100) do time = time + 0.2 end
equal(written, {})
equal(progress.quiet(false), true)

-- Losses, as numbers or tensors, and what is no number is left out.
system.is_terminal = function() return false end
written = {}
for i in progress(60, { desc = "epoch" }) do
  for _ in progress(2, { desc = "batch" }) do
    progress.note(function() return { total = 6.4321, kl = 0.0125 } end)
    time = time + 0.1
  end
  progress.note { total = i, beta = setmetatable({}, { __index = { item = function() return 0.5 end } }), epoch = "x", bad = {} }
end
equal(written[1], "epoch  42% 25/60 [0:05, 0:07 left, 4.9/s, total 25, beta 0.5]  batch  50% 1/2 [0:00, 0:00 left, 10/s, total 6.432, kl 0.0125]\n")
equal(written[#written], "epoch 100% 60/60 [0:12, 5/s, total 60, beta 0.5]\n", "the inner loop leaves no line of its own")
check(#written <= 4, "one line every five seconds for both: " .. #written)
for i in progress(60) do
  progress.note("loss " .. i)
  time = time + 0.1
end
equal(written[#written], "100% 60/60 [0:06, 10/s, loss 60]\n")
progress.note { loss = 1 }
raises("progress.note: values: expected a text, a table of numbers or a function, got 1", progress.note, 1)

local result = testing.script("for i in require('progress')(3) do print(i) end")
equal({ result.status, result.stdout, result.stderr }, { 0, "1\n2\n3\n", "" })

testing.finish()
