-- Has gnuplot, a process of its own, draw a figure.

local gnuplot_script = require "jetlua.plot.gnuplot_script"
local raise = require "jetlua.internal.raise"
local style = require "jetlua.plot.style"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

local gnuplot = {}

-- The Cairo terminals take a point for 1/96 inch, the SVG terminal here for 1/72.
local terminals = {
  pdf = function(w, h)
    return ('pdfcairo enhanced color rounded size %.3fin,%.3fin font "%s,%g" fontscale 0.75 linewidth 1.35'):format(w, h,
      style.font, style.text_size)
  end,
  svg = function(w, h)
    return ('svg enhanced rounded size %.0f,%.0f font "%s,%g" linewidth 1 background "#FFFFFF"'):format(w * 72, h * 72,
      style.font, style.text_size)
  end,
  png = function(w, h, settings)
    local dpi = settings.dpi or style.png_dots_per_inch
    if settings.most_pixels then dpi = math.min(110, settings.most_pixels / w) end
    return ('pngcairo enhanced truecolor rounded size %.0f,%.0f font "%s,%g" fontscale %.4f linewidth %.4f pointscale %.4f background "#FFFFFF"'):format(
      w * dpi, h * dpi, style.font, style.text_size, dpi / 96, dpi / 96, dpi / 96)
  end,
}

--- Runs gnuplot on a script and returns what it writes to stdout.
---@param where string
---@param commands string
---@return string
function gnuplot.run(where, commands)
  if not system.find_program("gnuplot") then
    raise("%s: gnuplot: expected the program, found none; install the Debian package gnuplot-nox", where)
  end
  -- -d: the user's own start-up file changes nothing.
  local result = system.run({ "gnuplot", "-d", "-" }, { input = commands, timeout = 120 })
  local said = {}
  for line in result.stderr:gmatch("[^\n]+") do
    if line:find("%S") and not line:find("Fontconfig", 1, true) then said[#said + 1] = line:match("^%s*(.-)%s*$") end
  end
  if result.status ~= 0 or result.stdout == "" then
    raise("%s: gnuplot failed (%s): %s", where,
      result.status and "status " .. result.status or "signal " .. tostring(result.signal), text.one_line(table.concat(said, " ")))
  end
  if #said > 0 then system.write_error(("%s: gnuplot says: %s\n"):format(where, text.one_line(table.concat(said, " ")))) end
  return result.stdout
end

--- The bytes of a PDF, SVG or PNG of a figure.
---@param where string
---@param figure table
---@param format "pdf"|"svg"|"png"
---@param settings? { dpi: number|nil, most_pixels: number|nil } of a PNG, and how wide it may become
---@return string
function gnuplot.draw(where, figure, format, settings)
  local commands, plan = gnuplot_script(figure)
  local content = gnuplot.run(where, ("set terminal %s\n%s"):format(terminals[format](plan.width, plan.height, settings or {}), commands))
  if format == "svg" then
    -- Pixels of an image are data: a viewer shall not smooth them.
    content = content:gsub("<image ", '<image style="image-rendering:pixelated" ')
    -- A viewer without this font shall fall back to another one without serifs.
    content = content:gsub('font%-family="' .. style.font .. '"', ('font-family="%s, Verdana, Arial, sans-serif"'):format(style.font))
  end
  return content
end

return gnuplot
