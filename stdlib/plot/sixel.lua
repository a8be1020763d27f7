-- Figures as sixels, for terminals that draw them.

local gnuplot = require "jetlua.plot.gnuplot"
local system = require "jetlua.core.system"

local sixel = {}

-- A terminal answers "ESC [ c" with what it can do; 4 is sixel. It is asked through the shell, with echo and line buffering off and
-- back as they were, and has a second to answer.
local question = [[
exec 2>/dev/null </dev/tty || exit 0
old=$(stty -g) || exit 0
trap 'stty "$old"' EXIT INT TERM
stty raw -echo min 0 time 10
printf '\033[c' >/dev/tty
answer=
for n in 1 2 3 4 5 6 7 8; do
  part=$(dd bs=256 count=1)
  answer=$answer$part
  case $answer in *c) break ;; esac
  [ -n "$part" ] || break
done
printf '%s' "$answer"]]

local known

local function asked()
  local file = io.popen("sh -c '" .. question:gsub("'", "'\\''") .. "'")
  if not file then return false end
  local answer = file:read("a") or ""
  file:close()
  local codes = answer:match("\27%[%?([%d;]*)c")
  return codes ~= nil and (";" .. codes .. ";"):find(";4;", 1, true) ~= nil
end

--- Whether stdout is a terminal that draws sixels; it is asked once. `JETLUA_SIXEL` set to 1 or 0 answers for it.
---@return boolean
function sixel.is_understood()
  local said = os.getenv("JETLUA_SIXEL")
  if said == "1" then return true end
  if said == "0" or not system.is_terminal(1) or not system.is_terminal(0) then return false end
  local name = os.getenv("TERM") or "dumb"
  if name == "dumb" or name == "linux" or not system.find_program("gnuplot") then return false end
  if known == nil then
    io.stdout:flush()
    known = asked()
  end
  return known
end

--- The sixels of a figure. Cairo draws it, as for a PNG, and gnuplot's sixel terminal copies the picture: its own letters are coarse.
---@param where string
---@param figure table
---@param columns integer of the terminal, about 8 pixels each
---@return string
function sixel.text(where, figure, columns)
  local content = gnuplot.draw(where, figure, "png", { most_pixels = math.max(320, columns * 8) })
  local width, height = (">I4I4"):unpack(content, 17)
  local path = os.tmpname()
  system.write_file(path, content)
  local done, result = pcall(gnuplot.run, where, ([[
set terminal sixelgd notransparent size %d,%d background "#FFFFFF"
set lmargin at screen 0; set rmargin at screen 1; set bmargin at screen 0; set tmargin at screen 1
unset border; unset tics; unset key; unset colorbox
set xrange [0:%d]; set yrange [0:%d]
plot '%s' binary filetype=png with rgbimage
]]):format(width, height, width - 1, height - 1, path:gsub("'", "''")))
  system.remove(path)
  if not done then error(result, 0) end
  return result .. "\n"
end

return sixel
