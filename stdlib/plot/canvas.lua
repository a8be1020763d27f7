-- A grid of characters to draw on: dots of Braille where the terminal has Unicode, marks of ASCII elsewhere.

local canvas = {}
canvas.__index = canvas

-- Bits of the Braille pattern by column and row of its 2 x 4 dots.
local dots = { { 0x01, 0x02, 0x04, 0x40 }, { 0x08, 0x10, 0x20, 0x80 } }

--- A canvas of `width` x `height` characters; `style` has `unicode` and `colour` (whether escapes may be written).
---@param width integer
---@param height integer
---@param style { unicode: boolean, colour: boolean }
---@return table
function canvas.new(width, height, style)
  local self = setmetatable({ width = width, height = height, style = style, cells = {} }, canvas)
  -- Braille cannot tell series apart without colour: then each has a mark of its own.
  self.fine = style.unicode
  self.across, self.down = self.fine and 2 or 1, self.fine and 4 or 1
  return self
end

--- Number of points along each side.
function canvas:points() return self.width * self.across, self.height * self.down end

--- Sets the point (i, j), from 0, j upwards, in a colour (nil is the terminal's own) or by a mark.
function canvas:set(i, j, colour, mark)
  if i < 0 or j < 0 or i >= self.width * self.across or j >= self.height * self.down then return end
  local column, row = i // self.across, self.height - 1 - j // self.down
  local key = row * self.width + column
  local cell = self.cells[key]
  if mark or not self.fine then
    if not (cell and cell.text) or mark then self.cells[key] = { text = mark or "*", colour = colour } end
    return
  end
  if not cell or cell.text then
    cell = { bits = 0 }
    self.cells[key] = cell
  end
  cell.bits = cell.bits | dots[i % 2 + 1][4 - j % 4]
  cell.colour = colour
end

--- A straight line of points.
function canvas:line(i1, j1, i2, j2, colour, mark)
  local steps = math.max(math.abs(i2 - i1), math.abs(j2 - j1), 1)
  for k = 0, steps do
    self:set(math.floor(i1 + (i2 - i1) * k / steps + 0.5), math.floor(j1 + (j2 - j1) * k / steps + 0.5), colour, mark)
  end
end

--- Writes text at a character, over what is there; row 0 is at the top.
function canvas:write(column, row, s, colour)
  if row < 0 or row >= self.height then return end
  for _, code in utf8.codes(s) do
    if column >= 0 and column < self.width then self.cells[row * self.width + column] = { text = utf8.char(code), colour = colour } end
    column = column + 1
  end
end

--- The escape that starts a colour "#RRGGBB".
function canvas.escape(colour, background)
  local value = tonumber(colour:sub(2), 16)
  return ("\27[%d;2;%d;%d;%dm"):format(background and 48 or 38, value >> 16, value >> 8 & 255, value & 255)
end

--- The lines, top first, each of `width` characters.
---@return string[]
function canvas:lines()
  local lines = {}
  for row = 0, self.height - 1 do
    local parts, current = {}, nil
    for column = 0, self.width - 1 do
      local cell = self.cells[row * self.width + column]
      local colour = cell and self.style.colour and cell.colour or nil
      if colour ~= current then
        parts[#parts + 1] = colour and canvas.escape(colour) or "\27[0m"
        current = colour
      end
      parts[#parts + 1] = not cell and " " or cell.text or utf8.char(0x2800 + cell.bits)
    end
    if current then parts[#parts + 1] = "\27[0m" end
    lines[#lines + 1] = table.concat(parts)
  end
  return lines
end

return canvas
