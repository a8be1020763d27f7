-- What every function of `plot` returns: a figure that saves, shows and describes itself.

local csv = require "jetlua.plot.csv"
local expect = require "jetlua.internal.expect"
local gnuplot = require "jetlua.plot.gnuplot"
local matplotlib = require "jetlua.plot.matplotlib"
local plain_numbers = require "jetlua.internal.plain_numbers"
local raise = require "jetlua.internal.raise"
local sixel = require "jetlua.plot.sixel"
local system = require "jetlua.core.system"
local terminal = require "jetlua.plot.terminal"

--- A figure: `fig:save("x.pdf")` writes it, `fig:show()` draws it in the terminal.
---@class plot.Figure
---@field kind string the function of `plot` that made it
---@field panels table[] what is drawn
---@field columns integer panels in a row
local Figure = {}
Figure.__index = Figure
Figure.__name = "plot.Figure"

local formats = { pdf = true, svg = true, png = true, py = true }

--- Writes files whole or not at all: all of them under temporary names first, then each gets its own.
local function write_together(files)
  local temporary, problem = {}, nil
  for i, file in ipairs(files) do
    local name = system.temporary_name(file[1])
    temporary[i] = name
    local written, why = pcall(system.write_file, name, file[2])
    if not written then
      problem = why
      break
    end
  end
  for i, file in ipairs(files) do
    if not problem then
      local renamed, why = pcall(system.rename, temporary[i], file[1])
      if not renamed then problem = why end
    end
  end
  if not problem then return end
  for _, name in ipairs(temporary) do pcall(system.remove, name) end
  local said = tostring(problem)
  for i, name in ipairs(temporary) do
    -- What the user knows is the name that was asked for.
    local start, stop = said:find(name, 1, true)
    if start then said = said:sub(1, start - 1) .. files[i][1] .. said:sub(stop + 1) end
  end
  raise("figure:save: %s", (said:gsub("^.-cannot ", "cannot ", 1)))
end

--- Writes the figure to `path` (.pdf, .svg, .png, or .py for a matplotlib script that redraws it) and its numbers to the
--- same name with .csv. A file that is there is replaced as a whole, or left alone if the figure cannot be drawn.
---
---     name = os.tmpname()
---     plot.line({1, 4, 9}):save(name .. ".py") --> ….py
---     os.remove(name), os.remove(name .. ".py"), os.remove(name .. ".csv") --> true true true
---@param path string
---@param options? { dpi: number|nil } dots per inch of a PNG, 200 unless said
---@return string path
function Figure:save(path, options)
  expect.string("figure:save", "path", path)
  options = expect.options("figure:save", options, { "dpi" })
  local dpi = options.dpi and expect.number("figure:save", "dpi", options.dpi, { min = 20, max = 1200 })
  local extension = (path:match("%.(%w+)$") or ""):lower()
  if not formats[extension] then
    raise('figure:save: "%s": expected a name that ends in .pdf, .png, .svg or .py', path)
  end
  local stem = path:sub(1, #path - #extension - 1)
  local content, listed = plain_numbers(function()
    return extension == "py" and matplotlib.script(self) or gnuplot.draw("figure:save", self, extension, { dpi = dpi }), csv.text(self)
  end)
  write_together { { path, content }, { stem .. ".csv", listed } }
  return path
end

--- Draws the figure on stdout: as a picture where the terminal understands sixels (it is asked; `JETLUA_SIXEL=0` or `1` answers for it), else with
--- characters, in colour on a terminal unless `NO_COLOR` is set, and in ASCII where the locale is not UTF-8.
function Figure:show()
  local columns = system.terminal_columns() or 80
  local shown = sixel.is_understood() and sixel.text("figure:show", self, columns) or terminal.text(self, columns, terminal.abilities())
  io.stdout:write(shown)
  io.stdout:flush()
end

function Figure:__tostring()
  local panels, layers = #self.panels, 0
  for _, panel in ipairs(self.panels) do layers = layers + (panel.series or 0) end
  local title = self.panels[1].title
  local parts = { "plot." .. self.kind }
  if title then parts[#parts + 1] = ('"%s"'):format(require("jetlua.plot.markup").plain(title)) end
  if panels > 1 then parts[#parts + 1] = panels .. " panels" end
  if layers > 0 then parts[#parts + 1] = layers .. " series" end
  if self.dropped > 0 then parts[#parts + 1] = self.dropped .. " values left out" end
  return table.concat(parts, ", ") .. '; save with fig:save("x.pdf")'
end

local figure = {}

--- A figure of `panels`, in rows of `columns`.
---@param kind string
---@param panels table[]
---@param settings? { columns: integer|nil, size: number[]|nil, dropped: integer|nil }
---@return plot.Figure
function figure.new(kind, panels, settings)
  settings = settings or {}
  return setmetatable({
    kind = kind, panels = panels, columns = settings.columns or #panels, size = settings.size, dropped = settings.dropped or 0,
  }, Figure)
end

--- Whether `value` is a figure.
---@param value any
---@return boolean
function figure.is(value)
  return getmetatable(value) == Figure
end

return figure
