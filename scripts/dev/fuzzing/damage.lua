-- Damaged copies of files: what the n-th input of a seed is does not depend on the ones before it.

local damage = {}

local state
-- xorshift64*
local function random(n)
  state = state ~ state >> 12
  state = state ~ state << 25
  state = state ~ state >> 27
  return ((state * 2685821657736338717) >> 11) % n
end
damage.random = random

--- Begins the n-th input of a seed.
function damage.begin(seed, n)
  state = (seed + 1) * 0x9E3779B97F4A7C15 + n * 0x2545F4914F6CDD1D | 1
  for _ = 1, 4 do random(2) end
end

-- What a reader may take at its word: sizes, signs and brackets.
local telling = {
  "\0\0\0\0", "\255\255\255\255", "\0\0\0\128", "\1\0\0\0\0\0\0\0", "\255\255\255\255\255\255\255\127", "{", "}", "[", "]", "(", ")", "\"", "'", "\\", "-1", "1e999",
  "nan", "18446744073709551616", ",", ":", "--", "=", "\0", "\n", "\27", "é", "\xed\xa0\x80", "../", "/",
}

--- One to four changes: a byte or bit turned, a piece cut out, doubled or put in, the end cut off.
function damage.change(bytes)
  for _ = 1, 1 + random(4) do
    local kind, at = random(7), random(#bytes + 1)
    -- The beginnings and ends of files say where all else is.
    if random(3) == 0 then at = random(math.min(#bytes, 200) + 1) elseif random(4) == 0 then at = math.max(#bytes - random(200), 0) end
    if kind == 0 then bytes = bytes:sub(1, at) .. string.char(random(256)) .. bytes:sub(at + 2)
    elseif kind == 1 then
      if random(4) == 0 then bytes = bytes:sub(1, at) end
    elseif kind == 2 then bytes = bytes:sub(1, at) .. telling[1 + random(#telling)] .. bytes:sub(at + 1)
    elseif kind == 3 then
      local piece = telling[1 + random(#telling)]
      bytes = bytes:sub(1, at) .. piece .. bytes:sub(at + 1 + #piece)
    elseif kind == 4 then bytes = bytes:sub(1, at) .. bytes:sub(at + 1 + random(16))
    elseif kind == 5 then
      local from = random(#bytes + 1)
      bytes = bytes:sub(1, at) .. bytes:sub(from, from + random(64)) .. bytes:sub(at + 1)
    elseif at < #bytes then
      bytes = bytes:sub(1, at) .. string.char(bytes:byte(at + 1) ~ 1 << random(8)) .. bytes:sub(at + 2)
    end
    if #bytes == 0 then break end
  end
  return bytes
end

--- One to eight bytes turned in place, every other time in the first 4096, where the structure is.
function damage.overwrite(bytes)
  local bound = random(2) == 0 and math.min(#bytes, 4096) or #bytes
  for _ = 1, 1 + random(8) do
    local at, piece = random(bound), string.char(random(256))
    if random(3) == 0 then piece = telling[1 + random(#telling)] elseif random(3) == 0 then piece = string.char(bytes:byte(at + 1) ~ 1 << random(8)) end
    bytes = (bytes:sub(1, at) .. piece .. bytes:sub(at + 1 + #piece)):sub(1, #bytes)
  end
  return bytes
end

return damage
