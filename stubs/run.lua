---@meta run

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

do
--- A run folder, made by `run.start`.
---@class run.Run
---@field path string the folder
---@field status "running"|"finished"|"failed"|"interrupted"|"ended" how it stands
local class = {}

--- Saves a model, and the optimizer's state if given, as checkpoints/last.*; with `best = true` also as checkpoints/best.*.
---
--- ```lua
--- r = run.start("demo")
--- r:checkpoint(nn.Sequential(nn.Linear(2, 1))) --> …/checkpoints/last.safetensors
--- ```
---@param model any what has `:save(path)`
---@param optimizer? any what has `:state_dict()`
---@param options? { best: boolean|nil }
---@return string path of the model
function class:checkpoint(model, optimizer, options) end

--- Ends the run: writes what is pending and how it ended.
---
--- ```lua
--- r = run.start("demo")
--- r:close()
--- r.status --> finished
--- ```
---@param status? "finished"|"failed"|"interrupted"|"ended" finished unless said
---@param message? string the error's text
function class:close(status, message) end

--- Records path and SHA-256 of a data file, or of the file that a set of jets was opened from.
---
--- ```lua
--- r = run.start("demo")
--- r:data(jets.sample())
--- #json.decode(io.open(r.path .. "/run.json"):read("a")).data --> 1
--- ```
---@param source string|any a path, or a set with a `path`
function class:data(source) end

--- Saves a figure as plots/NAME.pdf and plots/NAME.png, its numbers as plots/NAME.csv.
---
--- ```lua
--- r = run.start("demo")
--- r:figure(plot.line({1, 4, 9}), "loss") --> …/plots/loss.png
--- ```
---@param figure plot.Figure
---@param name string
---@return string path of the PNG
function class:figure(figure, name) end

--- Path of a file in the run's folder; folders on the way are made.
---
--- ```lua
--- r = run.start("demo")
--- r:file("notes/a.txt") --> …/notes/a.txt
--- ```
---@param name string relative, without `..`
---@return string
function class:file(name) end

--- Appends a line of metrics to metrics.jsonl: `r:log{epoch = 3, loss = 6.4}`. What is not finite becomes null and is named in `not_finite`. At most a second passes before lines are in the file, as long as more of them come.
---
--- ```lua
--- r = run.start("demo")
--- r:log{epoch = 1, loss = 6.4}
--- r:close()
--- io.open(r.path .. "/metrics.jsonl"):read() --> {"epoch": 1, "loss": 6.4, "seconds": …}
--- ```
---@param metrics table<string, number|string|boolean|table>
function class:log(metrics) end

--- Adds results to run.json, where sweeps find them; later values of a name replace earlier ones.
---
--- ```lua
--- r = run.start("demo")
--- r:report{auc = 0.9}
--- json.decode(io.open(r.path .. "/run.json"):read("a")).results.auc --> 0.9
--- ```
---@param results table<string, any>
function class:report(results) end

--- Saves named tensors as scores.npz.
---
--- ```lua
--- r = run.start("demo")
--- r:scores{weight = tensor{0.1, 0.9}} --> …/scores.npz
--- ```
---@param scores table<string, any>
---@return string path
function class:scores(scores) end

end

--- A run is a folder that says what was done and what came out: the script, its options, versions, seed, checksums of the data, metrics as they come, figures, results, and how it ended.
---@class jetlua.run
local run = {}

--- Closes every run that is still open. The host calls it when the script has ended, with the error's text if it failed.
---
--- ```lua
--- r = run.start("demo")
--- run.finish("ended")
--- r.status --> ended
--- ```
---@param status "finished"|"failed"|"interrupted"|"ended" "ended" if nothing is known about the outcome
---@param message? string
function run.finish(status, message) end

--- Starts a run in a new folder `NAME-date-time` under `$JETLUA_RUNS` or `runs/`, and writes its run.json and the script.
---
--- The run closes itself when the script ends, fails or is interrupted; `r:close()` or `local r <close>` end it before.
---
--- ```lua
--- r = run.start("demo", {seed = 1})
--- r --> run runs/demo-… (running)
--- ```
---@param name string letters, digits, `.`, `_` and `-`
---@param values? table the resolved options; `seed` among them is recorded as the seed
---@return run.Run
function run.start(name, values) end

return run
