-- The numbers of a figure as one table: a row per point, bin, pixel or cell; columns that the figure does not have are left out.

local markup = require "jetlua.plot.markup"

local csv = {}

local columns = { "panel", "series", "row", "column", "x_low", "x_high", "x", "y", "error", "y_low", "y_high", "value" }

local function quoted(s)
  if s:find('[",\n\r]') then return '"' .. s:gsub('"', '""') .. '"' end
  return s
end

local function cell(value)
  if type(value) == "string" then return quoted(value) end
  if value == nil then return "" end
  if math.type(value) == "integer" then return ("%d"):format(value) end
  for digits = 6, 17 do
    local s = ("%." .. digits .. "g"):format(value)
    if tonumber(s) == value or value ~= value then return s end
  end
  return ("%.17g"):format(value)
end

local rows_of = {}

function rows_of.line(layer, add)
  local error = layer.error or layer.errors
  for i = 1, #layer.x do add { x = layer.x[i], y = layer.y[i], error = error and error[i] } end
end

rows_of.points = rows_of.line

function rows_of.band(layer, add)
  for i = 1, #layer.x do add { x = layer.x[i], y_low = layer.low[i], y_high = layer.high[i] } end
end

function rows_of.steps(layer, add)
  for i = 1, #layer.values do
    add { x_low = layer.edges[i], x_high = layer.edges[i + 1], y = layer.values[i], error = layer.errors and layer.errors[i] }
  end
end

function rows_of.image(layer, add)
  -- Rows are numbered as the script gave them.
  for i = 1, #layer.rows do
    local row = layer.rows[layer.upper and #layer.rows + 1 - i or i]
    for j = 1, #row do add { row = i, column = j, value = row[j] } end
  end
end

function rows_of.cells(layer, add)
  for i, corners in ipairs(layer.polygons) do
    local x, y, n = 0, 0, #corners // 2
    for k = 1, #corners, 2 do x, y = x + corners[k] / n, y + corners[k + 1] / n end
    add { x = x, y = y, value = layer.values[i] }
  end
end

function rows_of.text() end

--- The numbers of a figure as comma-separated values with a heading.
---@param figure table
---@return string
function csv.text(figure)
  local rows, used = {}, { x = true, y = true }
  local panels = {}
  for i, panel in ipairs(figure.panels) do
    panels[#panels + 1] = { panel, panel.title and markup.plain(panel.title) or tostring(i) }
    if panel.lower then panels[#panels + 1] = { panel.lower, (panel.lower.ylabel and markup.plain(panel.lower.ylabel)) or "ratio" } end
  end
  for _, item in ipairs(panels) do
    local number = 0
    for _, layer in ipairs(item[1].layers) do
      if not layer.decoration then
        number = number + 1
        local series = layer.name or layer.label
        series = series and markup.plain(series) or tostring(number)
        rows_of[layer.kind](layer, function(row)
          row.series = series
          if #panels > 1 then row.panel = item[2] end
          for key in pairs(row) do used[key] = true end
          rows[#rows + 1] = row
        end)
      end
    end
  end
  if used.value and not used.x_low then used.x, used.y = rows[1] and rows[1].x ~= nil, rows[1] and rows[1].y ~= nil end
  local heading = {}
  for _, name in ipairs(columns) do
    if used[name] then heading[#heading + 1] = name end
  end
  local lines = { table.concat(heading, ",") }
  for _, row in ipairs(rows) do
    local cells = {}
    for i, name in ipairs(heading) do cells[i] = cell(row[name]) end
    lines[#lines + 1] = table.concat(cells, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

return csv
