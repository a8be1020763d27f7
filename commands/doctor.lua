-- jetlua doctor: checks what jetlua needs on this machine, and names the Debian package of what is missing.

require "jetlua.strict"
local options = require "jetlua.options"
local system = require "jetlua.core.system"
local versions = require "jetlua.core.versions"

options {}

local failures, warnings = 0, 0

--- Prints one line; `advice` says what to do where the check did not pass.
local function report(state, what, advice)
  if state == "missing" then failures = failures + 1 elseif state == "warning" then warnings = warnings + 1 end
  print(("%-8s %s%s"):format(state, what, advice and ": " .. advice or ""))
end

local function check(passed, what, advice, optional)
  report(passed and "ok" or optional and "warning" or "missing", what, not passed and advice or nil)
  return passed
end

local all = versions.table()
local cpu = system.cpu()
report("ok", ("jetlua %s, Lua %s, built with Swift %s, at %s"):format(all.jetlua, all.lua, all.swift, system.executable()))
report("ok", ("%s, %s, %d cores"):format(system.operating_system(), cpu.model, cpu.cores))
check(all.instruction_set ~= "baseline", ("vector loops for %s"):format(all.instruction_set),
  "this processor has no AVX2; everything works, several times slower", true)
check(all.blas_kernel ~= "" and all.blas_kernel ~= "none", ("OpenBLAS, kernels for %s"):format(all.blas_kernel),
  "install libopenblas0-pthread")

local found, version, blosc = pcall(versions.hdf5)
if check(found, found and "HDF5 " .. version or "HDF5", "install libhdf5-103-1") then
  check(blosc, "HDF5 reads Blosc (the community top-tagging files)", "install hdf5-filter-plugin-blosc-serial")
end

local has_gnuplot = system.find_program("gnuplot")
if check(has_gnuplot, "gnuplot (figures)", "install gnuplot-nox") then
  local listed = system.run({ "gnuplot", "-e", "set terminal" }, { timeout = 20 })
  local text = (listed.stdout or "") .. (listed.stderr or "")
  for _, terminal in ipairs { "pdfcairo", "pngcairo", "svg" } do
    check(text:find(terminal, 1, true), ("gnuplot draws %s"):format(terminal), "install gnuplot-nox in place of another gnuplot")
  end
end
check(system.exists("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"), "font DejaVu Sans (figures)", "install fonts-dejavu-core", true)
check(pcall(system.sha256, ""), "checksums", "install libssl3")
check(package.loadlib("libreadline.so.8", "*"), "line editing at the prompt", "install libreadline8", true)

check(all.threads >= 1, ("threads: %d"):format(all.threads))
-- What the machine has, or what a batch system allows if that is less.
local function first_number(path, pattern)
  local file = io.open(path)
  local text = file and file:read("a") or ""
  if file then file:close() end
  return tonumber(text:match(pattern))
end
local bytes = (first_number("/proc/meminfo", "MemTotal:%s*(%d+)") or 0) * 1024
local allowed = first_number("/sys/fs/cgroup/memory.max", "^(%d+)") or first_number("/sys/fs/cgroup/memory/memory.limit_in_bytes", "^(%d+)")
if bytes > 0 then
  local limited = allowed and allowed < bytes
  if limited then bytes = allowed end
  check(bytes >= 2e9, ("memory: %.1f GB%s"):format(bytes / 1e9, limited and " allowed" or ""), "less than 2 GB; large samples may not fit", true)
end
local locale
for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
  local value = os.getenv(name)
  locale = locale or value and value ~= "" and ("%s=%s"):format(name, value) or nil
end
check(locale and locale:lower():find("utf%-?8"), ("locale: %s"):format(locale or "none set"), "set LANG=C.UTF-8 for accents and Greek at the prompt", true)
check(("%.1f"):format(0.5) == "0.5", "numbers are written with a point",
  'the locale writes them with a comma; os.setlocale("C", "numeric") or start jetlua with LC_NUMERIC=C', true)

local home = system.home()
local sums = home .. "/scripts/data/SHA256SUMS"
if check(system.exists(sums), "list of checksums", ("%s is missing; install jetlua again"):format(sums)) then
  for sum, file in system.read_file(sums):gmatch("(%x+)  ([^\n]+)") do
    local path = home .. "/scripts/data/" .. file
    local there = system.exists(path)
    check(there and system.sha256_file(path) == sum, ("bundled jets %s"):format(file),
      there and "the file was changed; install jetlua again" or "the file is missing; install jetlua again")
  end
end

local function counted(n, word) return ("%d %s%s"):format(n, word, n == 1 and "" or "s") end
if failures > 0 then
  print(counted(failures, "check") .. " failed; as root: apt-get install the packages named above")
else
  print(warnings == 0 and "all is well" or "works, with " .. counted(warnings, "warning"))
end
os.exit(failures == 0, true)
