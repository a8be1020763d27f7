---@meta models

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

do
--- A variational autoencoder whose latent space is a simplex: softmax of a Gaussian with the prior that stands for Dir(alpha), and a decoder without bias whose weights are the mixtures (arXiv:2104.08291, section 4). `model(x)` reconstructs.
---
--- ```lua
--- models.DirichletVAE{input = 16, hidden = {8}, alpha = {1, 1}} --> models.DirichletVAE(16 -> 8 -> 2 mixtures, alpha {1.0, 1.0}, beta 0.1) …
--- ```
---@class models.DirichletVAE
---@field beta number The prefactor of the KL term; it may change while the model is trained.
---@field recipe table? How the images were made that the model was trained on, as options of `images`; nil where that is not known. It comes with the images of a training step; `model.recipe = images.recipe` sets it. Images of another recipe raise.
---@operator call(tensor|sparse_rows): tensor
local class = {}

--- Which mixture weight is the anomaly score, declared before any label is seen: that of the smallest alpha, and with equal alphas that of the wider mixture image (the narrower one for the signal "qcd").
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}, alpha = {1, 0.25}}:anomaly_weight() --> 2
--- ```
---@param options? {signal: "top"|"qcd"} default "top"
---@return integer from 1
function class:anomaly_weight(options) end

--- The name of the model's class, as in `models.NAME`.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:class_name() --> DirichletVAE
--- ```
---@return string
function class:class_name() end

--- The images of latent points: softmax over pixels of the decoder at softmax(z).
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:decode(tensor{{0, 0}}).shape --> {1, 4}
--- ```
---@param z tensor [N, R], before the softmax
---@return tensor [N, input], each row a distribution
function class:decode(z) end

--- Mean and logarithm of the variance of the posterior Gaussian, before the softmax.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- #model:encode(tensor.ones(5, 4) / 4) --> 5
--- ```
---@param x tensor|sparse_rows images [N, input]
---@return tensor mu [N, R]
---@return tensor logvar [N, R]
function class:encode(x) end

--- Puts the model in evaluation mode.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:eval() --> models.DirichletVAE(4 -> 3 -> 2 mixtures, …
--- ```
---@return models.DirichletVAE self
function class:eval() end

--- The reconstruction: in evaluation mode at the posterior mean, in training mode at a sample.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}:eval()
--- model:forward(tensor.ones(5, 4) / 4).shape --> {5, 4}
--- ```
---@param x tensor|sparse_rows images [N, input]
---@return tensor [N, input]
function class:forward(x) end

--- Images at points of the simplex.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:generate({0.5, 0.5}).shape --> {1, 4}
--- ```
---@param r tensor|number[] [N, R] or one point; numbers of at least 0 that sum to 1
---@return tensor [N, input]
function class:generate(r) end

--- Reads what a model of the same class and options wrote; what differs is raised, and then nothing has changed.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- a, b = models.DirichletVAE{input = 4, hidden = {3}}, models.DirichletVAE{input = 4, hidden = {3}}
--- a:save(name)
--- b:load(name):mixtures():eq(a:mixtures()):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return any self
function class:load(path) end

--- Takes over numbers by name, as `state_dict` gives them. Raises where names or shapes differ, and then nothing has changed.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:load_state_dict(model:state_dict()) == model --> true
--- ```
---@param state table<string, tensor>
---@return models.DirichletVAE self
function class:load_state_dict(state) end

--- The terms of the loss per jet: reconstruction −Σ x ln x′ and KL divergence from the prior, and total = reconstruction + beta · kl.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:loss(tensor{{0, 1, 0, 0}}).total:dim() --> 0
--- ```
---@param x tensor|sparse_rows images [N, input], each summing to 1
---@param options? {weight: tensor, reduction: "mean"|"sum"|"none", noise: tensor} weights of the jets [N]; default "mean" over the batch; standard normal numbers [N, R] instead of the model's own
---@return {total: tensor, reconstruction: tensor, kl: tensor}
function class:loss(x, options) end

--- The image of each mixture: softmax over pixels of the decoder at the corners of the simplex.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:mixtures().shape --> {2, 4}
--- ```
---@return tensor [R, input], each row a distribution
function class:mixtures() end

--- Every parameter by name.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:named_parameters()["decoder.weight"].shape --> {4, 2}
--- ```
---@return named_tensors
function class:named_parameters() end

--- The options that make such a model again, with beta as it is now.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:options().hidden --> {3}
--- ```
---@return table
function class:options() end

--- Every parameter, as optimizers take them.
---
--- ```lua
--- #models.DirichletVAE{input = 4, hidden = {3}}:parameters() --> 7
--- ```
---@return tensor[]
function class:parameters() end

--- The prior: alpha, and mean and variance of the Gaussian that stands for Dir(alpha).
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}, alpha = {1, 1}}:prior() --> {alpha = {1, 1}, mu = {0, 0}, var = {0.5, 0.5}}
--- ```
---@return {alpha: number[], mu: number[], var: number[]}
function class:prior() end

--- Points of the simplex drawn from the prior.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:prior_samples(3).shape --> {3, 2}
--- ```
---@param n integer
---@param options? {kind: "softmax_gaussian"|"dirichlet"} the prior that the KL uses (default), or the Dirichlet distribution it stands for
---@return tensor [n, R]
function class:prior_samples(n, options) end

--- Writes weights, class, options and image recipe to a file in the format of safetensors; it appears whole or not at all.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- models.DirichletVAE{input = 4, hidden = {3}}:save(name)
--- models.load(name):options().hidden, os.remove(name) --> {3} true
--- ```
---@param path string
function class:save(path) end

--- Anomaly scores per jet, higher = more anomalous: `mse`, `cross_entropy`, `kl_reconstruction`, `kl`, `prior_distance` [N], and `latent`, `weights` [N, R]. At the posterior mean, without a graph, in chunks: deterministic and safe on a whole set.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:scores(tensor.ones(5, 4) / 4).cross_entropy.shape --> {5}
--- ```
---@param x tensor|sparse_rows images [N, input]
---@return table<string, tensor>
function class:scores(x) end

--- Copies of all parameters by name.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:state_dict()["decoder.weight"].shape --> {4, 2}
--- ```
---@return table<string, tensor>
function class:state_dict() end

--- Puts the model in training mode.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:train() --> models.DirichletVAE(4 -> 3 -> 2 mixtures, …
--- ```
---@return models.DirichletVAE self
function class:train() end

--- The mixture weights at the posterior mean, r = softmax(mu).
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:weights(tensor.ones(5, 4) / 4).shape --> {5, 2}
--- ```
---@param x tensor|sparse_rows images [N, input]
---@return tensor [N, R], each row sums to 1
function class:weights(x) end

end

do
--- What the models of jetlua have in common: a module with `encode`, `decode`, `loss` and `scores`.
---@class models.Model: nn.Module
---@field input integer numbers per jet
---@field recipe table? how the jets were represented that the model was trained on: `jets.open(f):images(model.recipe)`
local class = {}

--- The direction of each latent coordinate that is called anomalous, 1 or −1, which is arbitrary and so declared before any label is seen: the one in which images have more active pixels, or fewer for the signal "qcd", whose jets are narrow.
---
--- ```lua
--- images = jets.sample():take(200):images()
--- models.VAE{hidden = {3}}:anomaly_direction(images):abs() --> [1.]
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`; the first 2000 decide
---@param options? { signal: "top"|"qcd"|nil } "top"
---@return tensor `[latent]`
function class:anomaly_direction(x, options) end

--- What the decoder makes of points of the latent space.
---
--- ```lua
--- models.VAE{input = 4, hidden = {3}}:decode(tensor{{0}, {1}}).shape --> {2, 4}
--- ```
---@param z tensor `[N, latent]`
---@return tensor `[N, input]`
function class:decode(z) end

--- Mean and logarithm of the variance of the posterior, in evaluation mode, without a graph and in chunks; of the autoencoder the bottleneck alone.
---
--- ```lua
--- model = models.VAE{input = 4, hidden = {3}, latent = 2}
--- mu, logvar = model:encode(tensor.ones(5, 4))
--- mu.shape, logvar.shape --> {5, 2} {5, 2}
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return tensor mu [N, latent]
---@return tensor logvar [N, latent]
function class:encode(x) end

--- Makes a class of models derived from this one; files keep its models under its name, and `models.load` makes them again where the class has been defined.
---
--- ```lua
--- Steady = models.VAE:extend("Steady")
--- Steady{input = 4, hidden = {3}}:class_name() --> Steady
--- ```
---@param name string
---@return table
function class:extend(name) end

--- The reconstruction: at a sample of the posterior in training, at its mean in evaluation. `model(x)` calls it.
---
--- ```lua
--- models.VAE{input = 4, hidden = {3}}:forward(tensor.ones(5, 4)).shape --> {5, 4}
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return tensor `[N, input]`
function class:forward(x) end

--- Runs `body(chunk)`, which gives a table of tensors `[n, …]`, over chunks of the rows, in evaluation mode and without a graph, and joins what it gives: what `scores` of a model of one's own is made of.
---
--- ```lua
--- model = models.VAE{input = 4, hidden = {3}}
--- model:in_chunks("sums", tensor.ones(1000, 4), function(x) return {sum = x:sum(2)} end).sum.shape --> {1000}
--- ```
---@param where string
---@param x any
---@param body fun(x: tensor|sparse_rows): table
---@return table
function class:in_chunks(where, x, body) end

--- The options of a loss, checked: `weight`, `reduction` ("mean" if left out), `noise`, and those of the class.
---
--- ```lua
--- models.VAE{input = 4, hidden = {3}}:loss_options{}.reduction --> mean
--- ```
---@param options table|nil
---@param more? string[]
---@return table
function class:loss_options(options, more) end

--- The options that make such a model again, with the prefactors as they are now.
---
--- ```lua
--- models.VAE{input = 4, hidden = {3}}:options().latent --> 1
--- ```
---@return table<string, any>
function class:options() end

--- Terms of a loss per jet, `{name, tensor [N], factor}`, weighted and reduced as the options say, and `total`, their sum with the factors: the mean is Σ w l/Σ w, the sum Σ w l, and "none" gives w l.
---
--- ```lua
--- model = models.VAE{input = 4, hidden = {3}}
--- model:reduced({{"a", tensor{1, 3}, 1}, {"b", tensor{1, 1}, 0.5}}, model:loss_options{}).total:item() --> 2.5
--- ```
---@param terms table[]
---@param options table as `loss_options` gives it
---@return table<string, tensor>
function class:reduced(terms, options) end

--- What a model computes with, of a tensor or sparse rows `[N, input]`, or a set or batch of jets with its `x`. Jets of another recipe than the model's raise; the first ones it is trained with give it theirs. `where` begins the errors' texts.
---
--- ```lua
--- images = jets.sample():take(5):images()
--- models.VAE{hidden = {3}}:rows("score", images).shape --> {5, 1600}
--- ```
---@param where string
---@param x any
---@return tensor|sparse_rows
function class:rows(where, x) end

--- A sample of the posterior in training, its mean in evaluation; with `noise` given that noise in either mode.
---
--- ```lua
--- model = models.VAE{input = 4, hidden = {3}}:eval()
--- model:sample(tensor{{1, 2}}, tensor.zeros(1, 2)) --> [[1., 2.]]
--- ```
---@param mu tensor [N, D]
---@param logvar tensor [N, D]
---@param noise? tensor [N, D], standard normal
---@return tensor
function class:sample(mu, logvar, noise) end

--- Keeps what the model is made with: `options()` gives it, `save` writes it and `models.load` calls the class with it. To be called first in `init`, with all options settled and plain (numbers, strings, booleans, tables of them), among them `input`, the numbers per jet.
---
--- ```lua
--- Own = models.class "Settled"
--- function Own:init(given) self:settle{input = given.input or 1600} end
--- Own{}:options().input --> 1600
--- ```
---@param settings table
function class:settle(settings) end

--- Converts all parameters, in place.
---
--- ```lua
--- models.VAE{input = 4, hidden = {3}}:to("float64"):options().dtype --> float64
--- ```
---@param dtype "float32"|"float64"
---@return models.Model self
function class:to(dtype) end

end

do
--- What all wrappers can, beside what their model can.
---@class models.Wrapper
local class = {}

--- Says which epoch begins, from 1, so that the term can be off at first; without a number it gives the epoch said last. A wrapper that is never told has its term on in full. `models.fit` tells it.
---
--- ```lua
--- model = models.outlier_exposure(models.VAE{input = 4, hidden = {3}}, {start = 10, ramp = 5})
--- model:epoch(12):strength() --> 0.4
--- ```
---@param n? integer
---@return any self
function class:epoch(n) end

--- The model inside.
---
--- ```lua
--- models.mass_decorrelation(models.VAE{input = 4, hidden = {3}}):inner():class_name() --> VAE
--- ```
---@return any
function class:inner() end

--- The options that make such a model again, those of the model inside as `model`.
---
--- ```lua
--- models.mass_decorrelation(models.VAE{input = 4, hidden = {3}}):options().model.class --> VAE
--- ```
---@return table
function class:options() end

--- How much of the term is on: (epoch − start)/ramp, from 0 to 1.
---
--- ```lua
--- models.mass_decorrelation(models.VAE{input = 4, hidden = {3}}):epoch(11):strength() --> 0.2
--- ```
---@return number
function class:strength() end

end

--- The models of the two papers, and their training. Each has encode, decode, forward, loss and scores; see the names below.
---@class jetlua.models
local models = {}

--- The Dirichlet-VAE on jet images (arXiv:2104.08291, section 4).
---
--- `model:save(path)` keeps it with its class, options and the recipe of its images, `models.load(path)` gives it back.
---
--- ```lua
--- models.DirichletVAE{input = 16, hidden = {8}, alpha = {1, 0.25}} --> models.DirichletVAE(16 -> 8 -> 2 mixtures, alpha {1.0, 0.25}, beta 0.1) …
--- ```
---@param options? {input: integer, hidden: integer[], alpha: number[], beta: number, scale: boolean, dtype: "float32"|"float64"} 1600 pixels, one hidden layer of 100, alpha {1, 1}, beta 0.1 by default
---@return models.DirichletVAE
function models.DirichletVAE(options) end

--- A class of models of one's own, with the methods of `models.Model`: `encode`, `decode`, `save`, `load`, `options`; `models.load` knows it once it is defined. Its `init` calls `settle` and makes `encoder` and `decoder`; `posterior(x)` gives mu and logvar with a graph (or the bottleneck alone), `loss(x, options)` a table with `total` and its terms, `scores(x)` a table of scores per jet. To define it again, at the prompt, replaces it.
---
--- ```lua
--- Own = models.class "Own"
--- Own --> class models.Own
--- ```
---@param name string
---@return models.Model class
function models.class(name) end

--- Trains a model on images or constituents and returns how each term of its loss went, a list with one number per epoch: `history.total`, `history.kl`, …, `history.epoch`, and `history.valid_total`, … if there are images to validate with.
---
--- A model from `mass_decorrelation` gets the masses of each batch, one from `outlier_exposure` batches of `outliers`, a set that is gone through again and again; both are told the epoch. A last batch of a single jet, which has no correlation with its mass, is left out.
---
--- It stops early if `early_stopping` says so of `valid_total` (of `total` without `valid`). `schedule`, a schedule of the learning rate or a list of them, takes a step after each epoch; `beta`, a number or a function of the epoch such as `optim.anneal{…}`, is the prefactor of the divergence from the prior in that epoch. With `run` each epoch is logged there, its weights are kept as checkpoints/last and, where they are the best so far, checkpoints/best, and `jetlua resume` goes on with a training that was stopped. `each(epoch, means)` is called after each epoch; where it returns true it is the last one.
---
--- A loss or a gradient that is not finite ends the training: the model gets back the weights of the last good epoch, and an error says what was wrong, with the op and the layer that first gave such a number; with early stopping the history until then is returned instead. With `run` the batch is kept, and `models.replay(folder)` computes it again.
---
--- ```lua
--- images = jets.sample():take(200):images()
--- model = models.DirichletVAE{input = 1600, hidden = {8}}
--- #models.fit(model, images, {epochs = 2, batch = 100}).total --> 2
--- ```
---@param model any what has `:loss(x)`, a table with `total`
---@param images jets.Images|jets.Constituents
---@param options? { epochs: integer|nil, batch: integer|nil, optimizer: any, valid: jets.Images|nil, early_stopping: any, run: run.Run|nil, schedule: any, beta: number|function|nil, each: function|nil, outliers: any } epochs 50, batch 256, and Adam with the learning rate 5e-3 and betas {0.9, 0.99} by default
---@return table<string, number[]>
function models.fit(model, images, options) end

--- Makes the model that `model:save(path)` wrote, in evaluation mode, with its `recipe`: `jets.open(f):images(model.recipe)`.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:save(name)
--- models.load(name):mixtures():eq(model:mixtures()):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return any
function models.load(path) end

--- A model whose loss keeps a score from following the jets' mass: the model's loss + `lambda` · DisCo(`score`, mass), the square of the distance correlation (arXiv:2007.01850). `model:loss(x, {mass = batch.mass})` wants the masses; all other methods are the model's.
---
--- `score` is the loss per jet, "loss", or one of its terms ("kl", "reconstruction", also as "mse"). The term is off for `start` epochs and then grows over `ramp` epochs; `model:epoch(n)` says which epoch it is, and `models.fit` says it by itself. Without any epoch said the term is on in full.
---
--- ```lua
--- models.mass_decorrelation(models.ConstituentVAE{}, {lambda = 100}).lambda --> 100
--- ```
---@param model any
---@param options? { lambda: number|nil, score: string|nil, start: number|nil, ramp: number|nil } 100, "loss", 10, 5
---@return any
function models.mass_decorrelation(model, options) end

--- The autoencoder of arXiv:2104.08291, section 2: encoder, a bottleneck of few numbers, decoder, and the squared error between a jet and its reconstruction.
---
--- ```lua
--- models.Autoencoder{input = 16, hidden = {8}, bottleneck = 2} --> models.Autoencoder(16 -> 2 -> 16): … parameters …
--- ```
---@class models.Autoencoder: models.Model
---@field bottleneck integer dimensions of the bottleneck
---@operator call(any): tensor
models.Autoencoder = {}

--- The name of the model's class, as in `models.NAME`.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:class_name() --> DirichletVAE
--- ```
---@return string
function models.Autoencoder:class_name() end

--- Reads what a model of the same class and options wrote; what differs is raised, and then nothing has changed.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- a, b = models.DirichletVAE{input = 4, hidden = {3}}, models.DirichletVAE{input = 4, hidden = {3}}
--- a:save(name)
--- b:load(name):mixtures():eq(a:mixtures()):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return any self
function models.Autoencoder:load(path) end

--- The loss of jets: `total` and `reconstruction`, the squared error.
---
--- ```lua
--- model = models.Autoencoder{input = 4, hidden = {3}}
--- model:loss(tensor.ones(5, 4), {reduction = "none"}).total.shape --> {5}
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@param options? { weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil } weights of the jets `[N]`; "mean" over the batch if left out
---@return { total: tensor, reconstruction: tensor }
function models.Autoencoder:loss(x, options) end

--- Writes weights, class, options and image recipe to a file in the format of safetensors; it appears whole or not at all.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- models.DirichletVAE{input = 4, hidden = {3}}:save(name)
--- models.load(name):options().hidden, os.remove(name) --> {3} true
--- ```
---@param path string
function models.Autoencoder:save(path) end

--- Anomaly scores per jet, higher = more anomalous: `mse` `[N]`, the squared error, and `latent` `[N, bottleneck]`.
---
--- ```lua
--- models.Autoencoder{input = 4, hidden = {3}}:scores(tensor.ones(5, 4)).mse.shape --> {5}
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return { mse: tensor, latent: tensor }
function models.Autoencoder:scores(x) end

--- The variational autoencoder of arXiv:2007.01850 on the hardest constituents of jets, `set:constituents()`: a Gaussian posterior N(mu, e^logvar) with the standard normal prior.
---
--- Loss: mean squared error over the numbers of a jet + beta · the mean over latent dimensions of ½ (σ² + μ² − 1 − ln σ²).
---
--- ```lua
--- models.ConstituentVAE{} --> models.ConstituentVAE(80 -> 10 -> 80, beta 0.1): … parameters …
--- ```
---@class models.ConstituentVAE: models.Model
---@field beta number the prefactor of the divergence; may change while the model is trained
---@field latent integer dimensions of the latent space
---@operator call(any): tensor
models.ConstituentVAE = {}

--- The name of the model's class, as in `models.NAME`.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:class_name() --> DirichletVAE
--- ```
---@return string
function models.ConstituentVAE:class_name() end

--- Reads what a model of the same class and options wrote; what differs is raised, and then nothing has changed.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- a, b = models.DirichletVAE{input = 4, hidden = {3}}, models.DirichletVAE{input = 4, hidden = {3}}
--- a:save(name)
--- b:load(name):mixtures():eq(a:mixtures()):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return any self
function models.ConstituentVAE:load(path) end

--- The loss of jets: `reconstruction`, the mean squared error; `kl`, the divergence from the prior per latent dimension; `total` = reconstruction + beta · kl.
---
--- In training the posterior is sampled, with `noise` where it is given; in evaluation its mean is taken.
---
--- ```lua
--- model = models.ConstituentVAE{input = 8, hidden = {3}, latent = 2}
--- model:loss(tensor.ones(5, 8), {reduction = "none"}).total.shape --> {5}
--- ```
---@param x tensor|jets.Constituents `[N, input]`
---@param options? { weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil, noise: tensor|nil } weights of the jets `[N]`; "mean" over the batch if left out; standard normal numbers `[N, latent]`
---@return { total: tensor, reconstruction: tensor, kl: tensor }
function models.ConstituentVAE:loss(x, options) end

--- The four-vectors of rows that the model takes or makes, in GeV: the scaling of its recipe undone.
---
--- ```lua
--- model = models.ConstituentVAE{input = 8, hidden = {3}, latent = 2}
--- model:momenta(tensor.ones(5, 8)).shape --> {5, 2, 4}
--- ```
---@param rows tensor `[N, input]`
---@return tensor [N, constituents, 4] E, px, py, pz
function models.ConstituentVAE:momenta(rows) end

--- Writes weights, class, options and image recipe to a file in the format of safetensors; it appears whole or not at all.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- models.DirichletVAE{input = 4, hidden = {3}}:save(name)
--- models.load(name):options().hidden, os.remove(name) --> {3} true
--- ```
---@param path string
function models.ConstituentVAE:save(path) end

--- Anomaly scores per jet at the posterior mean, higher = more anomalous: `mse`, the mean squared error; `kl`, the divergence from the prior summed over the latent dimensions; `loss`, mse + beta · kl per dimension; `emd`, the energy mover's distance of the jet and its reconstruction, R = 1, both normalised to unit pT, with the scaling undone; `prior_distance`, ½|mu|², each `[N]`; and `latent`, mu `[N, latent]`. At the end how many jets have no transverse momentum, where `emd` is NaN.
---
--- ```lua
--- model = models.ConstituentVAE{input = 8, hidden = {3}, latent = 2}
--- model:scores(tensor.ones(5, 8)).emd.shape --> {5}
--- ```
---@param x tensor|jets.Constituents `[N, input]`
---@param options? { emd: boolean|nil } `emd = false` leaves the slowest score out
---@return { mse: tensor, kl: tensor, loss: tensor, emd: tensor|nil, prior_distance: tensor, latent: tensor }
---@return integer without_pt
function models.ConstituentVAE:scores(x, options) end

--- The Gaussian-mixture VAE of arXiv:2104.08291, section 3: the prior p(z) = Σ_r p_r N(z; M_r, e^{L_r}) is learned.
---
--- Loss: squared error + beta · (E[ln q] − E[ln p]), the first analytic, the second from one sample through log-sum-exp, and separation · (1 − tanh(D/2)), the mean over the pairs of components, with the Ashman distance D (eqs. 4 to 13).
---
--- ```lua
--- models.GaussianMixtureVAE{input = 16, hidden = {8}} --> models.GaussianMixtureVAE(16 -> 1 -> 16, 2 components, beta 0.0001, separation 1): …
--- ```
---@class models.GaussianMixtureVAE: models.Model
---@field beta number the prefactor of the divergence; may change while the model is trained
---@field components integer Gaussians of the prior
---@field latent integer dimensions of the latent space
---@field separation number the prefactor of the separation loss; may change while the model is trained
---@operator call(any): tensor
models.GaussianMixtureVAE = {}

--- The Ashman distance of the prior's components, of the nearest pair where there are more than two; above 2 the modes are clearly apart.
---
--- ```lua
--- models.GaussianMixtureVAE{input = 4, hidden = {3}}:ashman() --> 2.0
--- ```
---@return number
function models.GaussianMixtureVAE:ashman() end

--- The name of the model's class, as in `models.NAME`.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:class_name() --> DirichletVAE
--- ```
---@return string
function models.GaussianMixtureVAE:class_name() end

--- Reads what a model of the same class and options wrote; what differs is raised, and then nothing has changed.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- a, b = models.DirichletVAE{input = 4, hidden = {3}}, models.DirichletVAE{input = 4, hidden = {3}}
--- a:save(name)
--- b:load(name):mixtures():eq(a:mixtures()):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return any self
function models.GaussianMixtureVAE:load(path) end

--- The loss of jets: `reconstruction`, the squared error; `kl`, one sample of the divergence from the prior; `separation`, 1 − tanh(D/2); `total` = reconstruction + beta · kl + lambda · separation.
---
--- In training the posterior is sampled, with `noise` where it is given; in evaluation its mean is taken.
---
--- ```lua
--- model = models.GaussianMixtureVAE{input = 4, hidden = {3}}
--- ("%.4f"):format(model:loss(tensor.ones(5, 4)).separation) --> 0.2384
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@param options? { weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil, noise: tensor|nil } weights of the jets `[N]`; "mean" over the batch if left out; standard normal numbers `[N, latent]`
---@return { total: tensor, reconstruction: tensor, kl: tensor, separation: tensor }
function models.GaussianMixtureVAE:loss(x, options) end

--- The prior as it stands: weights p_r that sum to 1, means and variances of the components.
---
--- ```lua
--- prior = models.GaussianMixtureVAE{input = 4, hidden = {3}}:prior()
--- prior.weights, prior.means:totable(), prior.variances.shape --> [0.5, 0.5] {{-1}, {1}} {2, 1}
--- ```
---@return { weights: tensor, means: tensor, variances: tensor } `[R]`, `[R, latent]` and `[R, latent]`
function models.GaussianMixtureVAE:prior() end

--- The probability of each component given the posterior mean of each jet.
---
--- ```lua
--- models.GaussianMixtureVAE{input = 4, hidden = {3}}:responsibilities(tensor.ones(5, 4)):sum(2) --> [1., 1., 1., 1., 1.]
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return tensor `[N, R]`, each row sums to 1
function models.GaussianMixtureVAE:responsibilities(x) end

--- Writes weights, class, options and image recipe to a file in the format of safetensors; it appears whole or not at all.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- models.DirichletVAE{input = 4, hidden = {3}}:save(name)
--- models.load(name):options().hidden, os.remove(name) --> {3} true
--- ```
---@param path string
function models.GaussianMixtureVAE:save(path) end

--- Anomaly scores per jet at the posterior mean, higher = more anomalous: `mse`, the squared error; `kl`, the divergence from the prior with z = mu for its sample; `prior_distance`, −ln p(mu), each `[N]`; and `latent`, mu `[N, latent]`.
---
--- ```lua
--- models.GaussianMixtureVAE{input = 4, hidden = {3}}:scores(tensor.ones(5, 4)).kl.shape --> {5}
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return { mse: tensor, kl: tensor, prior_distance: tensor, latent: tensor }
function models.GaussianMixtureVAE:scores(x) end

--- The variational autoencoder of arXiv:2104.08291, section 2: a Gaussian posterior N(mu, e^logvar) with the standard normal prior.
---
--- Loss: squared error + beta · ½ Σ (σ² + μ² − 1 − ln σ²) (eqs. 1 and 3).
---
--- ```lua
--- models.VAE{input = 16, hidden = {8}, latent = 2} --> models.VAE(16 -> 2 -> 16, beta 0.0001): … parameters …
--- ```
---@class models.VAE: models.Model
---@field beta number the prefactor of the divergence; may change while the model is trained
---@field latent integer dimensions of the latent space
---@operator call(any): tensor
models.VAE = {}

--- The name of the model's class, as in `models.NAME`.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:class_name() --> DirichletVAE
--- ```
---@return string
function models.VAE:class_name() end

--- Reads what a model of the same class and options wrote; what differs is raised, and then nothing has changed.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- a, b = models.DirichletVAE{input = 4, hidden = {3}}, models.DirichletVAE{input = 4, hidden = {3}}
--- a:save(name)
--- b:load(name):mixtures():eq(a:mixtures()):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return any self
function models.VAE:load(path) end

--- The loss of jets: `reconstruction`, the squared error; `kl`, the divergence from the prior; `total` = reconstruction + beta · kl.
---
--- In training the posterior is sampled, with `noise` where it is given; in evaluation its mean is taken.
---
--- ```lua
--- model = models.VAE{input = 4, hidden = {3}}
--- model:loss(tensor.ones(5, 4), {noise = tensor.zeros(5, 1)}).kl:dim() --> 0
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@param options? { weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil, noise: tensor|nil } weights of the jets `[N]`; "mean" over the batch if left out; standard normal numbers `[N, latent]`
---@return { total: tensor, reconstruction: tensor, kl: tensor }
function models.VAE:loss(x, options) end

--- Writes weights, class, options and image recipe to a file in the format of safetensors; it appears whole or not at all.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- models.DirichletVAE{input = 4, hidden = {3}}:save(name)
--- models.load(name):options().hidden, os.remove(name) --> {3} true
--- ```
---@param path string
function models.VAE:save(path) end

--- Anomaly scores per jet at the posterior mean, higher = more anomalous: `mse`, the squared error; `kl`, the divergence from the prior; `prior_distance`, ½|mu|², each `[N]`; and `latent`, mu `[N, latent]`.
---
--- ```lua
--- models.VAE{input = 4, hidden = {3}}:scores(tensor.ones(5, 4)).kl.shape --> {5}
--- ```
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return { mse: tensor, kl: tensor, prior_distance: tensor, latent: tensor }
function models.VAE:scores(x) end

--- A model that is also shown outliers while it is trained: the model's loss − `lambda` · a term that grows as outliers look less like the jets (arXiv:2007.01850). `model:loss(x, {outliers = batch.x})` wants a batch of them; all other methods are the model's.
---
--- `form` says what tells them: "kl", the divergence of each latent dimension from the prior, or "mse", the reconstruction's error, each up to `margin` beyond the jets' own; or "sigmoid" of the difference of the errors. `start`, `ramp` and epochs are as in `mass_decorrelation`.
---
--- ```lua
--- models.outlier_exposure(models.ConstituentVAE{}, {form = "kl"}).margin --> 1
--- ```
---@param model any
---@param options? { form: "kl"|"mse"|"sigmoid"|nil, lambda: number|nil, margin: number|nil, start: number|nil, ramp: number|nil } "kl", 2, 1, 10, 5
---@return any
function models.outlier_exposure(model, options) end

--- Computes a batch again that `models.fit` kept because its loss was not finite, `runs/…/nan/epoch-3-batch-17`: with the weights and the random numbers of then. The result has `problem`, the op and the layer that first gave something that is not finite (nil where all is finite now), `batch`, its jets (`x`, `label`, `mass`, `pt`, `weight`, `index` as far as they were there), `model`, and `options`, those of the loss.
---
--- A model of one's own class is made as for the training and given second; it takes over the weights.
---
--- ```lua
--- models.replay("runs/none") --> error: …models.replay: runs/none: expected a folder that models.fit kept…
--- ```
---@param folder string
---@param model? any
---@return { problem: string|nil, batch: table<string, tensor>, model: any, options: table }
function models.replay(folder, model) end

return models
