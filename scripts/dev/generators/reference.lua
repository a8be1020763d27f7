-- Reference pages: a module's functions and classes in Markdown, from the texts that help shows.

local reference = {}

local function add(out, line) out[#out + 1] = line end

local function paragraphs(out, documentation)
  for _, paragraph in ipairs(documentation.text) do add(out, paragraph) end
  if #documentation.text > 0 then add(out, "") end
end

local function code(out, documentation)
  if documentation.example == "" then return end
  add(out, "```lua")
  add(out, documentation.example)
  add(out, "```")
  add(out, "")
end

local function body(out, entry)
  local documentation, op = entry.documentation, entry.op
  paragraphs(out, documentation)
  for _, p in ipairs(documentation.parameters) do
    add(out, ("- `%s%s`: `%s`%s"):format(p.name, p.optional and "?" or "", p.type, p.text ~= "" and " " .. p.text or ""))
  end
  for _, r in ipairs(documentation.returns) do
    local shown, rest = require("jetlua.help.comments").type(r)
    add(out, ("- returns `%s`%s"):format(shown, rest ~= "" and " " .. rest or ""))
  end
  if #documentation.parameters + #documentation.returns > 0 then add(out, "") end
  if op and #op.errors > 0 then
    add(out, "Errors, such as:")
    for _, message in ipairs(op.errors) do add(out, "- `" .. message .. "`") end
    add(out, "")
  end
  code(out, documentation)
end

local function class_section(out, class, level)
  add(out, ("%s %s"):format(level, class.call))
  add(out, "")
  body(out, class)
  local properties = {}
  for _, member in ipairs(class.members) do
    if member.kind == "property" then
      properties[#properties + 1] = ("- `%s`: `%s` %s"):format(member.name, member.documentation.type or "any", table.concat(member.documentation.text, " ")):gsub("%s+$", "")
    end
  end
  if #properties > 0 then
    add(out, table.concat(properties, "\n"))
    add(out, "")
  end
  for _, member in ipairs(class.members) do
    -- An op's method is said where its function is.
    if member.kind == "method" and not (member.op and member.op.placement == "tensorAndMethod") and not member.path:find("^tensor:.*_$") then
      add(out, ("%s# %s"):format(level, member.call))
      add(out, "")
      body(out, member)
    end
  end
end

local function members(out, module)
  for _, member in ipairs(module.members) do
    if member.kind == "function" then
      local op = member.op
      add(out, "## " .. member.call)
      add(out, "")
      if op and op.placement == "tensorAndMethod" then
        add(out, ("Also `x:%s(%s)`."):format(member.name, member.parameters:match("^[^,]*,%s*(.*)$") or ""))
        add(out, "")
      end
      body(out, member)
    elseif member.kind == "class" then
      class_section(out, member, "##")
    elseif member.kind == "module" then
      add(out, "# " .. member.path)
      add(out, "")
      paragraphs(out, member.documentation)
      members(out, member)
    end
  end
end

--- The page of a module and of the classes that belong to it.
function reference.module(module, classes)
  local out = { "# " .. module.path, "", "<!-- Written by scripts/dev/stubs from the texts that help shows. -->", "" }
  paragraphs(out, module.documentation)
  if module.constructor then
    add(out, "## " .. module.constructor.call)
    add(out, "")
    body(out, module.constructor)
  end
  members(out, module)
  for _, class in ipairs(classes) do
    class_section(out, class, "##")
    if class.name == "tensor" then
      local names = {}
      for _, member in ipairs(class.members) do
        if member.kind == "method" and member.name:find("_$") then names[#names + 1] = "`" .. member.name .. "`" end
      end
      add(out, "In-place forms, which write the result into the tensor and return it: " .. table.concat(names, " ") .. ".")
      add(out, "")
    end
  end
  while out[#out] == "" do out[#out] = nil end
  return table.concat(out, "\n") .. "\n"
end

--- The list of the pages.
function reference.index(modules)
  local out = {
    "# Reference", "", "<!-- Written by scripts/dev/stubs from the texts that help shows. -->", "",
    "One page per module; `help(tensor.matmul)` or `?matmul` at the prompt shows the same texts.", "",
  }
  for _, module in ipairs(modules) do
    local documentation = module.documentation
    if #documentation.text == 0 and module.constructor then documentation = module.constructor.documentation end
    add(out, ("- [%s](%s.md): %s"):format(module.path, module.path, documentation.summary))
  end
  return table.concat(out, "\n") .. "\n"
end

return reference
