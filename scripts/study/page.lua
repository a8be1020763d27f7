-- One HTML page that needs nothing else: pictures inside, light and dark, fit to be printed.

local system = require "jetlua.core.system"

local page = {}

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Base64 (RFC 4648) of a string.
function page.base64(data)
  local parts = {}
  for i = 1, #data, 3 do
    local a, b, c = data:byte(i, i + 2)
    local word = a << 16 | (b or 0) << 8 | (c or 0)
    local function digit(shift) return alphabet:sub((word >> shift & 63) + 1, (word >> shift & 63) + 1) end
    parts[#parts + 1] = digit(18) .. digit(12) .. (b and digit(6) or "=") .. (c and digit(0) or "=")
  end
  return table.concat(parts)
end

--- Text for HTML.
function page.text(s)
  return (s:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local style = [[
:root { --ink: #1b1f24; --paper: #ffffff; --soft: #5b6470; --line: #d5dae0; --head: #f2f4f7; --good: #0a7d4f; --bad: #b3361b; --half: #8a6100; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #14171b; --soft: #a3adb8; --line: #363d46; --head: #1f242b; --good: #4cc38a; --bad: #ff8a6b; --half: #e2b24a; --link: #7ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1.25rem 4rem; color: var(--ink); background: var(--paper); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.3rem; margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; } h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
a { color: var(--link); } nav { columns: 3 14rem; font-size: .9rem; } nav a { display: block; text-decoration: none; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; margin: .5rem 0; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; } th { background: var(--head); font-weight: 600; }
td.number { white-space: nowrap; } td.sum { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .75rem; word-break: break-all; }
figure { margin: 1.5rem 0; } figure img { display: block; max-width: 100%; height: auto; background: #ffffff; border: 1px solid var(--line); border-radius: 6px; padding: 8px; }
figcaption { margin-top: .5rem; max-width: 60rem; } .how, .note { color: var(--soft); font-size: .85rem; max-width: 60rem; }
.holds { color: var(--good); font-weight: 600; } .fails { color: var(--bad); font-weight: 600; } .partly { color: var(--half); font-weight: 600; } .untested { color: var(--soft); }
@media print { :root { --ink: #000; --paper: #fff; --soft: #444; --line: #bbb; --head: #eee; --good: #0a7d4f; --bad: #b3361b; --half: #8a6100; --link: #000; } body { max-width: none; font-size: 10pt; padding: 0; } nav { display: none; } figure, tr { break-inside: avoid; } .scroll { overflow: visible; } table { font-size: 7.5pt; } h2, h3 { break-after: avoid; } }
]]

--- How a verdict looks.
local function verdict_class(verdict)
  local words = verdict:gsub(" %(.*", "")
  return words == "holds" and "holds" or words == "does not hold" and "fails" or words == "not tested" and "untested" or "partly"
end

--- A table as HTML.
function page.table(t)
  local out = { "<div class=\"scroll\"><table><thead><tr>" }
  for _, cell in ipairs(t.head) do out[#out + 1] = "<th>" .. page.text(cell) .. "</th>" end
  out[#out + 1] = "</tr></thead><tbody>"
  for _, row in ipairs(t.rows) do
    out[#out + 1] = "<tr>"
    for i, cell in ipairs(row) do
      local class = t.verdict_column == i and verdict_class(cell) or cell:find("^[%-+> %d.]+%s?±?[%d. ]*$") and "number" or #cell == 64 and cell:find("^%x+$") and "sum" or nil
      out[#out + 1] = ("<td%s>%s</td>"):format(class and ' class="' .. class .. '"' or "", page.text(cell))
    end
    out[#out + 1] = "</tr>"
  end
  out[#out + 1] = "</tbody></table></div>"
  if t.note then out[#out + 1] = "<p class=\"note\">" .. page.text(t.note) .. "</p>" end
  return table.concat(out)
end

--- The width at which a PNG of 200 dots per inch has the page's size of letters, in pixels of the page.
local function width_of(png) return math.floor((">I4"):unpack(png, 17) * 0.55) end

--- A PNG inside the page.
function page.figure(id, title, caption, how, path)
  local png = system.read_file(path)
  return ('<figure id="%s"><img alt="%s" width="%d" src="data:image/png;base64,%s"><figcaption><strong>Figure %s. %s.</strong> %s</figcaption><div class="how">%s</div></figure>'):format(
    page.anchor(id), page.text(("Figure %s: %s"):format(id, title)), width_of(png), page.base64(png), page.text(id), page.text(title), page.text(caption), page.text(how))
end

--- The name of a place on the page.
function page.anchor(id) return "figure-" .. id:lower():gsub("[^%w]+", "-") end

--- The whole page of a title and parts of HTML.
function page.whole(title, parts)
  return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>%s</title><style>%s</style></head><body>\n%s\n</body></html>\n'):format(
    page.text(title), style, table.concat(parts, "\n"))
end

return page
