-- Rewrites `local` at the top level of what was typed, so that the next line still sees it: `local x, y = 1, 2` becomes
-- `_LOCAL.x, _LOCAL.y = 1, 2`, which stores into the prompt's own environment (environment.lua).
--
-- Rejected: plain globals, because `local type = "top"` would then change what jetlua's own modules see; and reading the locals
-- of the finished chunk, because functions defined before would keep variables of their own.

local _ENV = require "jetlua.internal.prompt.own"

local locals = {}

--- The token that starts at or after `at`: its kind ("name", "string", "other"), its first and its last position; nil at the end.
local function token(source, at)
  while true do
    at = source:match("^%s*()", at)
    if source:sub(at, at + 1) ~= "--" then break end
    local level = source:match("^%[(=*)%[", at + 2)
    if level then
      local _, close = source:find("]" .. level .. "]", at + 4 + #level, true)
      at = (close or #source) + 1
    else
      at = source:match("^[^\n]*()", at)
    end
  end
  if at > #source then return nil end
  local last = source:match("^[%a_][%w_]*()", at)
  if last then return "name", at, last - 1 end
  last = source:match("^%.?%d[%w%.]*()", at)
  if last then return "other", at, last - 1 end
  local level = source:match("^%[(=*)%[", at)
  if level then
    local _, close = source:find("]" .. level .. "]", at + 2 + #level, true)
    return "string", at, close or #source
  end
  local quote = source:match("^[\"']", at)
  if quote then
    local place = at + 1
    while place <= #source do
      local c = source:sub(place, place)
      if c == "\\" then place = place + 1 elseif c == quote or c == "\n" then break end
      place = place + 1
    end
    return "string", at, math.min(place, #source)
  end
  if source:find("^::", at) then return "other", at, at + 1 end
  return "other", at, at
end

local opens = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true }
local closes = { ["end"] = true, ["until"] = true }

local function newlines(text) return ("\n"):rep(select(2, text:gsub("\n", ""))) end

--- What to put for the declaration whose `local` stands at `from`, and the position after what it replaces; nil to leave it.
local function declaration(source, from, after)
  local kind, first, last = token(source, after)
  if kind ~= "name" then return nil end
  if source:sub(first, last) == "function" then
    local name_kind, name_first, name_last = token(source, last + 1)
    if name_kind ~= "name" then return nil end
    return ("_LOCAL.%s = nil %s"):format(source:sub(name_first, name_last), newlines(source:sub(from, first - 1))), first
  end
  local names = {}
  while true do
    if kind ~= "name" then return nil end
    local name = source:sub(first, last)
    if name == "_ENV" then return nil end
    names[#names + 1] = "_LOCAL." .. name
    local at = last + 1
    local next_kind, next_first, next_last = token(source, at)
    if next_kind == "other" and source:sub(next_first, next_last) == "<" then
      local _, attribute_first, attribute_last = token(source, next_last + 1)
      -- A variable to be closed has no meaning beyond its block.
      if not attribute_first or source:sub(attribute_first, attribute_last) ~= "const" then return nil end
      local _, close_first, close_last = token(source, attribute_last + 1)
      if not close_first or source:sub(close_first, close_last) ~= ">" then return nil end
      at = close_last + 1
      next_kind, next_first, next_last = token(source, at)
    end
    local sign = next_kind == "other" and source:sub(next_first, next_last)
    if sign ~= "," then
      local replaced = newlines(source:sub(from, at - 1))
      return table.concat(names, ", ") .. (sign == "=" and "" or " = nil") .. " " .. replaced, at
    end
    kind, first, last = token(source, next_last + 1)
  end
end

--- `source` with its top-level declarations rewritten; line numbers stay as they are.
---@param source string
---@return string
function locals.rewrite(source)
  if not source:find("local", 1, true) then return source end
  local parts, copied, at, depth = {}, 1, 1, 0
  while true do
    local kind, first, last = token(source, at)
    if not kind then break end
    at = last + 1
    if kind == "name" then
      local word = source:sub(first, last)
      if opens[word] then depth = depth + 1 elseif closes[word] then depth = depth - 1 end
      if word == "local" and depth == 0 then
        local put, continue_at = declaration(source, first, at)
        if put then
          parts[#parts + 1] = source:sub(copied, first - 1) .. put
          copied, at = continue_at, continue_at
        end
      end
    end
  end
  parts[#parts + 1] = source:sub(copied)
  return table.concat(parts)
end

return locals
