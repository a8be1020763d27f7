-- jetlua verify FILE.jetpack: checks a pack: names, sizes, checksums.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local jetpack = require "jetlua.run.jetpack"
local options = require "jetlua.options"

local words = commands.operands()
local o = options { { "limit", jetpack.limit / 1e9, "GB that it may unfold to", min = 0 } }
if #words ~= 1 then options.fail("expected one jetpack, got %d", #words) end
local _, count, bytes = options.attempt(jetpack.verify, words[1], { limit = math.floor(o.limit * 1e9) })
print(("%s: %d files, %d bytes, all as they were packed"):format(words[1], count, bytes))
