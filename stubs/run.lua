---@meta run

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

do
--- A run folder, made by `run.start`.
---@class run.Run
---@field path string the folder
---@field status "running"|"finished"|"failed"|"interrupted"|"pruned"|"ended" how it stands
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
---@param status? "finished"|"failed"|"interrupted"|"pruned"|"ended" finished unless said
---@param message? string the error's text
function class:close(status, message) end

--- Records path, size and SHA-256 of a data file, or of the file that a set of jets was opened from, and the set's cutflow.
---
--- ```lua
--- r = run.start("demo")
--- r:data(jets.sample())
--- #json.decode(io.open(r.path .. "/run.json"):read("a")).data --> 1
--- ```
---@param source string|any a path, or a set with a `path`
function class:data(source) end

--- Saves a figure as plots/NAME.pdf and plots/NAME.png, its numbers as plots/NAME.csv. Where gnuplot is not installed a line on stderr says so, and plots/NAME.py, which redraws it with matplotlib, stands for the pictures.
---
--- ```lua
--- r = run.start("demo")
--- r:figure(plot.line({1, 4, 9}), "loss") --> …/plots/loss.png
--- ```
---@param figure plot.Figure
---@param name string
---@return string path of the PNG, or of what stands for it
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

--- A training that `jetlua resume` goes on with to the bit, wherever it was stopped: by SIGTERM or SIGUSR1 (it writes its state after the step under way and ends the program with status 75), by Ctrl-C, or by a power cut (it writes its state every `every` seconds).
---
--- It keeps the random streams, where the batches stand, and the objects given: those with `:state_dict()` and `:load_state_dict(state)` (models, optimizers, schedules), lists of them, and tables of numbers and tensors of the script's own, such as a list of losses.
---
--- ```lua
--- r, images = run.start("demo"), jets.sample():take(200):images()
--- model = models.DirichletVAE{input = 1600, hidden = {8}}
--- adam, losses = optim.Adam(model:parameters()), {}
--- training = r:training{model = model, optimizer = adam, losses = losses}
--- for epoch in training:epochs(2) do
---   for batch in training:batches(images, 100) do
---     adam:zero_grad()
---     loss = model:loss(batch.x).total
---     loss:backward()
---     adam:step()
---     training.sums.total = (training.sums.total or 0) + loss:item()
---   end
---   losses[epoch] = training.sums.total
--- end
--- #losses --> 2
--- ```
---@param objects table<string, any> and `every`, seconds between two checkpoints, 30 by default
---@return run.Training
function class:training(objects) end

end

do
--- A training that can be gone on with to the bit, made by `r:training`.
---@class run.Training
---@field path string the checkpoint
---@field sums table numbers and tensors that a pass adds up: empty at each epoch, kept in its middle
local class = {}

--- The batches of an epoch, as `set:batches(n, options)` gives them; between two of them the training may be stopped, and its state is written every 30 seconds (`every` of `r:training`). One that is gone on with gives those that are left.
---
--- ```lua
--- r, images = run.start("demo"), jets.sample():take(100):images()
--- training, count = r:training{losses = {}}, 0
--- for epoch in training:epochs(2) do
---   for batch in training:batches(images, 50) do count = count + #batch end
--- end
--- count --> 200
--- ```
---@param set jets.Images|jets.Constituents
---@param n integer
---@param options? {shuffle: boolean}
---@return function
function class:batches(set, n, options) end

--- Counts the epochs 1 … n for a `for` loop; a run that is gone on with begins where its checkpoint was written, with all that the training keeps and the random numbers as they were. What the loop does before `training:batches` happens again in an epoch whose middle is gone on with.
---
--- ```lua
--- r, x = run.start("demo"), tensor{1}:requires_grad(true)
--- training = r:training{optimizer = optim.SGD({x})}
--- for epoch in training:epochs(2) do r:log{epoch = epoch} end
--- training.epoch --> 2
--- ```
---@param n integer
---@return function iterator, nil state, nil control, any closing
function class:epochs(n) end

--- Lets a checkpoint in the middle of an epoch keep where `batches`, from `set:batches(n)`, stand too; call it before `training:batches` in each epoch, with the same name.
---
--- ```lua
--- r, images = run.start("demo"), jets.sample():take(100):images()
--- training = r:training{losses = {}}
--- for epoch in training:epochs(1) do training:follow("outliers", images:batches(10, {forever = true})) end
--- ```
---@param name string
---@param batches jets.Batches
---@return jets.Batches batches
function class:follow(name, batches) end

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

--- Starts a run in a new folder `NAME-date-time` under `$JETLUA_RUNS` or `runs/`, and writes its run.json and the script (docs/runs.md lists what a run keeps). Where `jetlua resume` started the script, it is the folder that is gone on with.
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
