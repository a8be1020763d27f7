-- Figures in a terminal: as a picture where it understands sixels, with characters elsewhere.

local curves = require "jetlua.plot.terminal_curves"
local images = require "jetlua.plot.terminal_images"
local system = require "jetlua.core.system"

local terminal = {}

--- What the terminal can show: Unicode by the locale, colours unless NO_COLOR or TERM=dumb say otherwise or stdout is no terminal.
---@return { unicode: boolean, colour: boolean, tty: boolean }
function terminal.abilities()
  local locale = os.getenv("LC_ALL") or ""
  if locale == "" then locale = os.getenv("LC_CTYPE") or "" end
  if locale == "" then locale = os.getenv("LANG") or "" end
  local tty = system.is_terminal(1)
  local dumb = os.getenv("TERM") == "dumb"
  local quiet = os.getenv("NO_COLOR")
  return {
    unicode = locale:lower():find("utf%-?8") ~= nil and not dumb,
    colour = tty and not dumb and (quiet == nil or quiet == ""), tty = tty and not dumb,
  }
end

--- Characters of a line on the screen: escapes take no room.
local function width_of(line)
  return utf8.len((line:gsub("\27%[[%d;]*m", ""))) or #line
end

local function block_of(panel, width, style)
  for _, layer in ipairs(panel.layers) do
    if layer.kind == "image" or layer.kind == "cells" then return images(panel, layer, width, style) end
  end
  return curves(panel, width, math.max(8, math.min(22, width // 4)), style)
end

--- Blocks of lines beside each other.
local function beside(blocks, gap)
  local lines, widths, highest = {}, {}, 0
  for i, block in ipairs(blocks) do
    widths[i] = 0
    for _, line in ipairs(block) do widths[i] = math.max(widths[i], width_of(line)) end
    highest = math.max(highest, #block)
  end
  for row = 1, highest do
    local parts = {}
    for i, block in ipairs(blocks) do
      local line = block[row] or ""
      parts[i] = i < #blocks and line .. (" "):rep(widths[i] - width_of(line) + gap) or line
    end
    lines[row] = (table.concat(parts):gsub("%s+$", ""))
  end
  return lines
end

--- The figure as lines of text; panels stand beside each other where `columns` have room for them.
---@param figure table
---@param columns integer
---@param style { unicode: boolean, colour: boolean }
---@return string
function terminal.text(figure, columns, style)
  columns = math.max(30, math.min(columns, 250))
  local fits = math.max(1, math.min(figure.columns, (columns + 2) // 42))
  local width = math.min((columns + 2) // fits - 2, 100)
  local lines = {}
  for first = 1, #figure.panels, fits do
    local blocks = {}
    for i = first, math.min(first + fits - 1, #figure.panels) do blocks[#blocks + 1] = block_of(figure.panels[i], width, style) end
    for _, line in ipairs(beside(blocks, 2)) do lines[#lines + 1] = line end
    if first + fits <= #figure.panels then lines[#lines + 1] = "" end
  end
  return table.concat(lines, "\n") .. "\n"
end

return terminal
