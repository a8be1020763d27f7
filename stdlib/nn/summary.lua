local parts = require "jetlua.nn.parts"
local text = require "jetlua.internal.text"

local function first_line(value) return (tostring(value):match("^[^\n]*")) end

local function shapes_of(named, count)
  local shapes = {}
  for name, tensor in pairs(named) do
    shapes[#shapes + 1] = name .. " " .. text.shape(tensor.shape)
    count = count + tensor:numel()
  end
  return table.concat(shapes, ", "), count
end

-- Names to the left, counts to the right; the names of layers may be numbers.
local function lay_out(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, text.width(tostring(cell))) end
  end
  widths[#widths] = -widths[#widths]
  local lines = {}
  for i, row in ipairs(rows) do
    local cells = {}
    for j, cell in ipairs(row) do cells[j] = text.pad(tostring(cell), widths[j]) end
    lines[#lines + 1] = (table.concat(cells, "  "):gsub("%s+$", ""))
    if i == 1 then lines[2] = ("-"):rep(text.width(lines[1])) end
  end
  return table.concat(lines, "\n")
end

--- A module as a table: one line per layer and own parameter with shapes and parameter counts, then the total.
---@param self table
---@return string
local function summary(self)
  local rows, path = { { "name", "layer", "shapes", "parameters" } }, {}
  local function walk(module, prefix)
    if path[module] then return end
    path[module] = true
    parts.direct(module, function(name, kind, value)
      name = prefix .. name
      if kind == "module" then
        rows[#rows + 1] = { name, getmetatable(value).__name, "", "" }
        walk(value, name .. ".")
      elseif kind == "layer" then
        local shapes, count = shapes_of(value:named_parameters(), 0)
        rows[#rows + 1] = { name, first_line(value), shapes, count }
      else
        rows[#rows + 1] = { name, kind, text.shape(value.shape), kind == "parameter" and value:numel() or 0 }
      end
    end)
    path[module] = nil
  end
  walk(self, "")
  local total, frozen = 0, 0
  for _, parameter in ipairs(self:parameters()) do
    total = total + parameter:numel()
    if not parameter:requires_grad() then frozen = frozen + parameter:numel() end
  end
  local title = ("%s: %d parameters%s"):format(getmetatable(self).__name, total, frozen > 0 and (", %d of them frozen"):format(frozen) or "")
  return #rows > 1 and title .. "\n" .. lay_out(rows) or title
end

return summary
