-- Documentation of ops, from their entries in the op table.

local comments = require "jetlua.help.comments"
local text = require "jetlua.internal.text"

local ops = {}

local function shown_default(argument)
  local value = argument.default
  if value == nil then return nil end
  return type(value) == "string" and '"' .. value .. '"' or type(value) == "number" and text.number(value) or tostring(value)
end

local function type_of(argument)
  if argument.choices then return '"' .. table.concat(argument.choices, '"|"') .. '"' end
  return (argument.type:gsub("%?$", ""))
end

local returns = { one = { "tensor" }, tuple = { "tensor", "tensor? second" }, list = { "tensor[]" } }

local function parameters(op, lines)
  for _, argument in ipairs(op.arguments) do
    local default = shown_default(argument)
    local notes = {}
    if argument.help ~= "" then notes[1] = argument.help end
    if default then notes[#notes + 1] = "default " .. default end
    local mark = argument.option and "?" or ""
    if argument.type == "integer..." then
      lines[#lines + 1] = ("@param ... integer|integer[] %s"):format(argument.name .. (argument.help ~= "" and ": " .. argument.help or ""))
    else
      lines[#lines + 1] = ("@param %s%s %s %s"):format(argument.name, mark, type_of(argument), table.concat(notes, "; ")):gsub("%s+$", "")
    end
  end
end

--- Documentation in the form of a comment.
---@param op table an entry of the op table
---@return help.Documentation
function ops.documentation(op)
  local lines = { op.summary, "", "Shapes: " .. op.signature .. "." }
  if op.no_gradient then
    lines[#lines + 1] = ""
    lines[#lines + 1] = "No gradient: " .. op.no_gradient .. "."
  end
  for line in (op.example .. "\n"):gmatch("([^\n]+)\n") do lines[#lines + 1] = "    " .. line end
  parameters(op, lines)
  for _, kind in ipairs(returns[op.results] or {}) do lines[#lines + 1] = "@return " .. kind end
  return comments.parse(lines)
end

--- Documentation of an op's in-place form.
---@param op table
---@return help.Documentation
function ops.in_place(op)
  local lines = { ("`%s` in place: the tensor takes the result, which must have its shape, and is returned."):format(op.name), "", op.summary }
  for line in (op.example .. "\n"):gmatch("([^\n]+)\n") do
    local changed, count = line:gsub(":" .. op.name .. "%(", ":" .. op.name .. "_(")
    if count > 0 then lines[#lines + 1] = "    " .. changed end
  end
  local all = {}
  parameters(op, all)
  for i = 2, #all do lines[#lines + 1] = all[i] end
  lines[#lines + 1] = "@return tensor self"
  return comments.parse(lines)
end

--- The arguments that a trailing table of options may give by name.
---@param op table
---@return table[]
function ops.options(op)
  local options = {}
  for _, argument in ipairs(op.arguments) do
    if argument.option then options[#options + 1] = argument end
  end
  return options
end

return ops
