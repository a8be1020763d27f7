---@meta nn

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- Sizes on the two axes of an image: one integer for both, or {vertical, horizontal}.
---@alias nn.Pair integer|integer[]

do
--- A layer that `nn` makes. `layer(x)` computes; its parameters and buffers are fields: `layer.weight`, `layer.bias`.
---
--- ```lua
--- nn.Linear(64, 16) --> nn.Linear(64 -> 16)
--- ```
---@class nn.Layer
---@field __name string What the layer is, as the classes of modules have it: "nn.Linear".
---@field training boolean Whether the layer acts as in training.
---@operator call(tensor|sparse_rows): tensor
local class = {}

--- Puts the layer in evaluation mode: dropout passes everything on.
---
--- ```lua
--- nn.Dropout(0.5):eval()(tensor{1, 2}) --> [1., 2.]
--- ```
---@return nn.Layer self
function class:eval() end

--- What the layer makes of its input; `layer(x)` calls it.
---
--- ```lua
--- nn.ReLU():forward(tensor{-1, 2}) --> [0., 2.]
--- ```
---@param x tensor|sparse_rows
---@return tensor|sparse_rows
function class:forward(x) end

--- Reads what `save` wrote; the layer must have the same sizes. What differs is raised by name, and then nothing has changed.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- a, b = nn.Linear(2, 1), nn.Linear(2, 1)
--- a:save(name)
--- b:load(name).weight:eq(a.weight):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return nn.Layer self
function class:load(path) end

--- Takes over numbers by name, as `state_dict` gives them. Raises where names or shapes differ, and then nothing has changed.
---
--- ```lua
--- a, b = nn.Linear(2, 1), nn.Linear(2, 1)
--- b:load_state_dict(a:state_dict()).weight:eq(a.weight):all():item() --> true
--- ```
---@param state table<string, tensor>
---@return nn.Layer self
function class:load_state_dict(state) end

--- Every buffer (state that is not trained) once with its name.
---
--- ```lua
--- #nn.Linear(4, 2):named_buffers() --> 0
--- ```
---@return named_tensors
function class:named_buffers() end

--- Every parameter once with its name: `for name, p in layer:named_parameters() do`; also `pairs` and by name.
---
--- ```lua
--- nn.Linear(4, 2):named_parameters() --> weight [2, 4] float32 bias [2] float32
--- ```
---@return named_tensors
function class:named_parameters() end

--- Every parameter once, as optimizers take them.
---
--- ```lua
--- #nn.Linear(4, 2):parameters() --> 2
--- ```
---@return tensor[]
function class:parameters() end

--- Says whether all parameters want gradients: `false` freezes the layer.
---
--- ```lua
--- nn.Linear(2, 1):requires_grad(false).weight:requires_grad() --> false
--- ```
---@param wanted? boolean default true
---@return nn.Layer self
function class:requires_grad(wanted) end

--- Writes `state_dict` to a file (`.safetensors`, `.npz` or `.h5`), which appears whole or not at all.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- nn.Linear(2, 1):save(name)
--- os.remove(name) --> true
--- ```
---@param path string
function class:save(path) end

--- Copies of all parameters and buffers by name.
---
--- ```lua
--- nn.Linear(4, 2, {init = "zeros"}):state_dict().bias --> [0., 0.]
--- ```
---@return table<string, tensor>
function class:state_dict() end

--- Converts all parameters and floating-point buffers, in place.
---
--- ```lua
--- nn.Linear(2, 1):to("float64").weight.dtype --> float64
--- ```
---@param dtype "float32"|"float64"
---@return nn.Layer self
function class:to(dtype) end

--- Puts the layer in training mode, or out of it.
---
--- ```lua
--- nn.Dropout(0.5):train(false).training --> false
--- ```
---@param mode? boolean default true
---@return nn.Layer self
function class:train(mode) end

--- Forgets the gradients of all parameters.
---
--- ```lua
--- layer = nn.Linear(2, 1)
--- layer(tensor{{1, 2}}):sum():backward()
--- layer:zero_grad()
--- layer.weight.grad --> nil
--- ```
function class:zero_grad() end

end

--- Neural networks: modules, layers, their functional forms and losses, with PyTorch's names, meanings and defaults. Positions and dimensions count from 1.
---
--- Modules: Module Sequential Parameter. Layers: Linear BatchNorm1d BatchNorm2d LayerNorm Dropout Flatten Unflatten, for images Conv2d ConvTranspose2d AvgPool2d MaxPool2d Upsample, and the activations ReLU LeakyReLU ELU SELU GELU Softplus Sigmoid Tanh Softmax LogSoftmax. `nn.functional` has these as functions; `nn.init` fills parameters (`kaiming_uniform_`, `orthogonal_`, …); the losses (`gaussian_kl`, `mixture_nll`, …) are in `nn` itself.
---@class jetlua.nn
local nn = {}

--- The average of each window of an image; `stride` is the kernel's size unless given.
---
--- ```lua
--- nn.AvgPool2d(2)(tensor{{{1, 2}, {3, 6}}}):item() --> 3.0
--- ```
---@param kernel_size nn.Pair
---@param ... nn.Pair|{ stride: nn.Pair, padding: nn.Pair, ceil_mode: boolean, count_include_pad: boolean, divisor_override: integer }
---@return nn.Layer
function nn.AvgPool2d(kernel_size, ...) end

--- (x − mean)/√(variance + eps) · weight + bias for each of `num_features` channels of `[N, C]` or `[N, C, L]` (arXiv:1502.03167). In training mean and variance are the batch's own and the buffers `running_mean` and `running_var` follow them by the fraction `momentum`; in evaluation the buffers are used. With `momentum = false` (PyTorch's None) they are the average over all batches seen in training.
---
--- ```lua
--- nn.BatchNorm1d(2, {eps = 0})(tensor{{0, 5}, {2, 9}}) --> [[-1., -1.], [1., 1.]]
--- norm = nn.BatchNorm1d(1, {momentum = false})
--- norm(tensor{{1}, {3}})
--- norm(tensor{{4}, {8}})
--- norm.running_mean --> [4.]
--- ```
---@param num_features integer
---@param options? { eps: number, momentum: number|false, affine: boolean, track_running_stats: boolean, dtype: "float32"|"float64" } defaults: 1e-5, 0.1, true, true, "float32"
---@return nn.Layer
function nn.BatchNorm1d(num_features, options) end

--- The same for images `[N, C, H, W]`.
---
--- ```lua
--- nn.BatchNorm2d(3)(tensor.randn(4, 3, 5, 5)).shape --> {4, 3, 5, 5}
--- ```
---@param num_features integer
---@param options? { eps: number, momentum: number|false, affine: boolean, track_running_stats: boolean, dtype: "float32"|"float64" }
---@return nn.Layer
function nn.BatchNorm2d(num_features, options) end

--- A convolution (cross-correlation) of images: `[N, C, H, W]` or `[C, H, W]` → `[N, O, OH, OW]` with OH = ⌊(H + 2 padding − dilation (KH − 1) − 1)/stride⌋ + 1. `layer.weight` is `[O, C/groups, KH, KW]`, `layer.bias` `[O]`; both start as U(−1/√f, 1/√f), f = C/groups · KH · KW. `padding = "same"` keeps the size of the image.
---
--- ```lua
--- nn.Conv2d(1, 10, 5, {padding = "same"})(tensor.zeros(3, 1, 40, 40)).shape --> {3, 10, 40, 40}
--- ```
---@param in_channels integer
---@param out_channels integer
---@param kernel_size nn.Pair
---@param ... nn.Pair|{ stride: nn.Pair, padding: nn.Pair|"same"|"valid", dilation: nn.Pair, groups: integer, bias: boolean, init: string, dtype: "float32"|"float64" }
---@return nn.Layer
function nn.Conv2d(in_channels, out_channels, kernel_size, ...) end

--- A transposed convolution of images, which enlarges where Conv2d reduces: `[N, C, H, W]` → `[N, O, OH, OW]` with OH = (H − 1) stride − 2 padding + dilation (KH − 1) + output_padding + 1. `layer.weight` is `[C, O/groups, KH, KW]`, `layer.bias` `[O]`; both start as U(−1/√f, 1/√f), f = O/groups · KH · KW.
---
--- ```lua
--- nn.ConvTranspose2d(5, 1, 2, {stride = 2})(tensor.zeros(3, 5, 20, 20)).shape --> {3, 1, 40, 40}
--- ```
---@param in_channels integer
---@param out_channels integer
---@param kernel_size nn.Pair
---@param ... nn.Pair|{ stride: nn.Pair, padding: nn.Pair, output_padding: nn.Pair, groups: integer, bias: boolean, dilation: nn.Pair, init: string, dtype: "float32"|"float64" }
---@return nn.Layer
function nn.ConvTranspose2d(in_channels, out_channels, kernel_size, ...) end

--- In training each element becomes 0 with probability p and the others are divided by 1 − p; else the identity.
---
--- ```lua
--- nn.Dropout(0.2) --> nn.Dropout(0.2)
--- ```
---@param ... number|{ p: number } in [0, 1], default 0.5
---@return nn.Layer
function nn.Dropout(...) end

--- x above 0, alpha (eˣ − 1) below; alpha 1 by default.
---
--- ```lua
--- nn.ELU()(tensor{-1, 2}) --> [-0.6321, 2.]
--- ```
---@param ... number|{ alpha: number }
---@return nn.Layer
function nn.ELU(...) end

--- Dimensions from `start_dim` (default 2) to `end_dim` (default −1) as one. Sparse rows are flat already.
---
--- ```lua
--- nn.Flatten()(tensor.zeros(5, 4, 4)).shape --> {5, 16}
--- ```
---@param ... integer|{ start_dim: integer, end_dim: integer }
---@return nn.Layer
function nn.Flatten(...) end

--- x Φ(x), Φ the standard normal distribution function.
---
--- ```lua
--- nn.GELU()(tensor{-1, 2}) --> [-0.1587, 1.954]
--- ```
---@return nn.Layer
function nn.GELU(...) end

--- (x − mean)/√(variance + eps) · weight + bias with mean and variance over the last dimensions (arXiv:1607.06450), whose sizes are `normalized_shape`: `nn.LayerNorm(64)`, `nn.LayerNorm({8, 8})`.
---
--- ```lua
--- nn.LayerNorm(2, {eps = 0})(tensor{{0, 2}, {5, 9}}) --> [[-1., 1.], [-1., 1.]]
--- ```
---@param normalized_shape integer|integer[]
---@param options? { eps: number, elementwise_affine: boolean, bias: boolean, dtype: "float32"|"float64" } defaults: 1e-5, true, true, "float32"
---@return nn.Layer
function nn.LayerNorm(normalized_shape, options) end

--- x above 0, `negative_slope` (default 0.01) times x below.
---
--- ```lua
--- nn.LeakyReLU(0.1)(tensor{-1, 2}) --> [-0.1, 2.]
--- ```
---@param ... number|{ negative_slope: number }
---@return nn.Layer
function nn.LeakyReLU(...) end

--- x weightᵀ + bias: `[*S, in]` or sparse rows `[N, in]` → `[*S, out]`. `layer.weight` is `[out, in]`, `layer.bias` `[out]`. Both start as U(−1/√in, 1/√in); `init` chooses another distribution for the weight.
---
--- ```lua
--- nn.Linear(3, 2, {init = "zeros"})(tensor{{1, 2, 3}}) --> [[0., 0.]]
--- ```
---@param in_features integer
---@param out_features integer
---@param options? { bias: boolean, init: "default"|"xavier_uniform"|"xavier_normal"|"kaiming_uniform"|"kaiming_normal"|"zeros", dtype: "float32"|"float64" }
---@return nn.Layer
function nn.Linear(in_features, out_features, options) end

--- Logarithm of the softmax along `dim`, the last dimension by default.
---
--- ```lua
--- nn.LogSoftmax()(tensor{-1, 2}) --> [-3.049, -0.04859]
--- ```
---@param ... integer|{ dim: integer }
---@return nn.Layer
function nn.LogSoftmax(...) end

--- The largest element of each window of an image; `stride` is the kernel's size unless given.
---
--- ```lua
--- nn.MaxPool2d(2)(tensor{{{1, 2}, {3, 6}}}):item() --> 6.0
--- ```
---@param kernel_size nn.Pair
---@param ... nn.Pair|{ stride: nn.Pair, padding: nn.Pair, dilation: nn.Pair, ceil_mode: boolean }
---@return nn.Layer
function nn.MaxPool2d(kernel_size, ...) end

--- The same numbers, sharing memory, as a parameter: a leaf that requires a gradient and that modules register.
---
--- ```lua
--- nn.Parameter(tensor{1, 2}):requires_grad() --> true
--- ```
---@param tensor tensor floating-point
---@param options? { requires_grad: boolean }
---@return tensor
function nn.Parameter(tensor, options) end

--- max(x, 0).
---
--- ```lua
--- nn.ReLU()(tensor{-1, 2}) --> [0., 2.]
--- ```
---@return nn.Layer
function nn.ReLU(...) end

--- The self-normalising unit of arXiv:1706.02515, eq. 2.
---
--- ```lua
--- nn.SELU()(tensor{-1, 2}) --> [-1.111, 2.101]
--- ```
---@return nn.Layer
function nn.SELU(...) end

--- 1/(1 + e⁻ˣ).
---
--- ```lua
--- nn.Sigmoid()(tensor{-1, 2}) --> [0.2689, 0.8808]
--- ```
---@return nn.Layer
function nn.Sigmoid(...) end

--- Softmax along `dim`, the last dimension by default.
---
--- ```lua
--- nn.Softmax()(tensor{-1, 2}) --> [0.04743, 0.9526]
--- ```
---@param ... integer|{ dim: integer }
---@return nn.Layer
function nn.Softmax(...) end

--- ln(1 + e^{beta x})/beta, taken as x where beta x > threshold; beta 1 and threshold 20 by default.
---
--- ```lua
--- nn.Softplus()(tensor{-1, 2}) --> [0.3133, 2.127]
--- ```
---@param ... number|{ beta: number, threshold: number }
---@return nn.Layer
function nn.Softplus(...) end

--- tanh x.
---
--- ```lua
--- nn.Tanh()(tensor{-1, 2}) --> [-0.7616, 0.964]
--- ```
---@return nn.Layer
function nn.Tanh(...) end

--- Dimension `dim` as several of these sizes, one of which may be −1: `nn.Unflatten(2, {1, 40, 40})`.
---
--- ```lua
--- nn.Unflatten(2, {1, 4, 4})(tensor.zeros(5, 16)).shape --> {5, 1, 4, 4}
--- ```
---@param dim integer
---@param sizes integer[]
---@return nn.Layer
function nn.Unflatten(dim, sizes) end

--- Images resized to `size` or by `scale_factor`, by copies of the nearest pixel or bilinear mixtures of four.
---
--- ```lua
--- nn.Upsample{scale_factor = 2}(tensor.zeros(3, 5, 20, 20)).shape --> {3, 5, 40, 40}
--- ```
---@param ... nn.Pair|{ size: nn.Pair, scale_factor: number|number[], mode: "nearest"|"bilinear", align_corners: boolean }
---@return nn.Layer
function nn.Upsample(...) end

--- −target ln x − (1 − target) ln(1 − x) of probabilities x, logarithms taken as at least −100, times weight, then the mean.
---
--- Shapes: x [*S], target [*S] -> []; [*S] where reduction = none.
---
--- ```lua
--- nn.binary_cross_entropy(tensor{0.5, 0.5}, tensor{0, 1}) --> 0.693147
--- ```
---@param x tensor
---@param target tensor in the shape of x
---@param weight? tensor factors of the elements, broadcast to x
---@param reduction? "mean"|"sum"|"none" over all elements; default "mean"
---@return tensor
---@overload fun(x: tensor, target: tensor, options: { weight?: tensor, reduction?: "mean"|"sum"|"none" }): tensor
function nn.binary_cross_entropy(x, target, weight, reduction) end

--- The binary cross-entropy of sigmoid(x), without overflow: ln(1 + eˣ) − target x, with pos_weight p (1 − target) x + (1 + (p − 1) target) ln(1 + e⁻ˣ); times weight, then the mean.
---
--- Shapes: x [*S], target [*S] -> []; [*S] where reduction = none.
---
--- ```lua
--- nn.binary_cross_entropy_with_logits(tensor{0, 0}, tensor{0, 1}) --> 0.693147
--- ```
---@param x tensor
---@param target tensor in the shape of x
---@param weight? tensor factors of the elements, broadcast to x
---@param reduction? "mean"|"sum"|"none" over all elements; default "mean"
---@param pos_weight? tensor factor of the loss where target is 1, broadcast to x
---@return tensor
---@overload fun(x: tensor, target: tensor, options: { weight?: tensor, reduction?: "mean"|"sum"|"none", pos_weight?: tensor }): tensor
function nn.binary_cross_entropy_with_logits(x, target, weight, reduction, pos_weight) end

--- Cross-entropy of logits x: −weight_target ln softmax(x)_target for classes (int64, from 1), −Σ weight target ln softmax(x) for probabilities in the shape of x, of which label_smoothing is spread evenly over the classes; then the mean, for classes over their weights.
---
--- Shapes: x [N?, C, *S], target [*T], weight [C] or nil -> []; [N?, *S] where reduction = none.
---
--- ```lua
--- nn.cross_entropy(tensor{{0, 0}, {9, 0}}, tensor({2, 1}, {dtype = "int64"}), {reduction = "none"}) --> [0.6931, 0.0001234]
--- ```
---@param x tensor [C] or [N, C, ...]
---@param target tensor classes, or probabilities in the shape of x
---@param weight? tensor [C], a factor for each class
---@param reduction? "mean"|"sum"|"none" over the batch; default "mean"
---@param ignore_index? integer targets of this value do not count; default -100
---@param label_smoothing? number part of the target spread evenly, in [0, 1]; default 0
---@return tensor
---@overload fun(x: tensor, target: tensor, options: { weight?: tensor, reduction?: "mean"|"sum"|"none", ignore_index?: integer, label_smoothing?: number }): tensor
function nn.cross_entropy(x, target, weight, reduction, ignore_index, label_smoothing) end

--- The distance correlation √(dCov²(x, y)/√(dCov²(x, x) dCov²(y, y))) of the elements of x and y, or its square, the DisCo term of a loss; exact, in O(N log N); the gradient is 0 where the correlation is.
---
--- Shapes: x [*S], y [*S], weight [*S] or nil -> [].
---
--- ```lua
--- nn.distance_correlation(tensor{1, 2, 3}, tensor{2, 4, 6}, {squared = true}) --> 1.
--- ```
---@param x tensor
---@param y tensor in the shape of x
---@param weight? tensor of each pair, from 0, in the shape of x
---@param squared? boolean the square, DisCo; default false
---@return tensor
---@overload fun(x: tensor, y: tensor, options: { weight?: tensor, squared?: boolean }): tensor
function nn.distance_correlation(x, y, weight, squared) end

--- Kullback–Leibler divergence of N(mu, e^logvar) from the prior N(prior_mu, prior_var), both diagonal: ½ Σ [σ²/σ̃² + (μ̃ − μ)²/σ̃² − 1 + ln σ̃² − ln σ²] over the last dimension (arXiv:2104.08291, eqs. 3, 16), then the mean over the batch.
---
--- Shapes: mu [*S, R], logvar [*S, R], prior_mu [R] or nil, prior_var [R] or nil -> []; [*S] where reduction = none.
---
--- ```lua
--- nn.gaussian_kl(tensor{{1, 0}}, tensor{{0, 0}}) --> 0.5
--- ```
---@param mu tensor
---@param logvar tensor
---@param prior_mu? tensor [R], 0 where left out
---@param prior_var? tensor [R] above 0, 1 where left out
---@param reduction? "mean"|"sum"|"none" over the batch; default "mean"
---@return tensor
---@overload fun(mu: tensor, logvar: tensor, options: { prior_mu?: tensor, prior_var?: tensor, reduction?: "mean"|"sum"|"none" }): tensor
function nn.gaussian_kl(mu, logvar, prior_mu, prior_var, reduction) end

--- ½(x − target)² up to |x − target| = delta, delta (|x − target| − ½ delta) beyond, then the mean.
---
--- Shapes: x [*S], target [*S] -> []; [*S] where reduction = none.
---
--- ```lua
--- nn.huber_loss(tensor{0.5, 4}, tensor{0, 0}, {reduction = "none"}) --> [0.125, 3.5]
--- ```
---@param x tensor
---@param target tensor in the shape of x
---@param reduction? "mean"|"sum"|"none" over all elements; default "mean"
---@param delta? number where the loss becomes linear, above 0; default 1
---@return tensor
---@overload fun(x: tensor, target: tensor, options: { reduction?: "mean"|"sum"|"none", delta?: number }): tensor
function nn.huber_loss(x, target, reduction, delta) end

--- Divergence of the distribution with logarithms x from target: target (ln target − x), 0 where target is 0; e^target (target − x) with log_target; then the mean over all elements (batchmean divides by the rows).
---
--- Shapes: x [*S], target [*S] -> []; [*S] where reduction = none.
---
--- ```lua
--- nn.kl_div(tensor{{0.5, 0.5}}:log(), tensor{{1, 0}}, {reduction = "batchmean"}) --> 0.693147
--- ```
---@param x tensor
---@param target tensor in the shape of x
---@param reduction? "mean"|"sum"|"none"|"batchmean" over all elements; default "mean"
---@param log_target? boolean whether target holds logarithms too; default false
---@return tensor
---@overload fun(x: tensor, target: tensor, options: { reduction?: "mean"|"sum"|"none"|"batchmean", log_target?: boolean }): tensor
function nn.kl_div(x, target, reduction, log_target) end

--- Absolute differences |x − target|, then their mean; the derivative at 0 is 0.
---
--- Shapes: x [*S], target [*S] -> []; [*S] where reduction = none.
---
--- ```lua
--- nn.l1_loss(tensor{1, 4}, tensor{1, 2}) --> 1.
--- ```
---@param x tensor
---@param target tensor in the shape of x
---@param reduction? "mean"|"sum"|"none" over all elements; default "mean"
---@return tensor
---@overload fun(x: tensor, target: tensor, options: { reduction?: "mean"|"sum"|"none" }): tensor
function nn.l1_loss(x, target, reduction) end

--- Cross-entropy of images under a product of experts: −Σ_d x_d ln softmax(r weightᵀ)_d (arXiv:2104.08291, section 4), then the mean over the batch; one pass for sparse rows.
---
--- Shapes: r [N, R], weight [D, R], x [N, D] -> []; [N] where reduction = none.
---
--- ```lua
--- nn.mixture_nll(tensor{{0.5, 0.5}}, tensor{{1, 1}, {1, 1}}, tensor{{1, 0}}) --> 0.693147
--- ```
---@param r tensor mixture weights
---@param weight tensor one column per mixture
---@param x tensor|sparse_rows images, dense or sparse rows
---@param reduction? "mean"|"sum"|"none" over the batch; default "mean"
---@return tensor
---@overload fun(r: tensor, weight: tensor, x: tensor|sparse_rows, options: { reduction?: "mean"|"sum"|"none" }): tensor
function nn.mixture_nll(r, weight, x, reduction) end

--- Squared differences (x − target)², then their mean.
---
--- Shapes: x [*S], target [*S] -> []; [*S] where reduction = none.
---
--- ```lua
--- nn.mse_loss(tensor{1, 4}, tensor{1, 2}) --> 2.
--- ```
---@param x tensor
---@param target tensor in the shape of x
---@param reduction? "mean"|"sum"|"none" over all elements; default "mean"
---@return tensor
---@overload fun(x: tensor, target: tensor, options: { reduction?: "mean"|"sum"|"none" }): tensor
function nn.mse_loss(x, target, reduction) end

--- −weight_target x_target of log-probabilities x for classes (int64, from 1), then the mean over the weights.
---
--- Shapes: x [N?, C, *S], target [*T], weight [C] or nil -> []; [N?, *S] where reduction = none.
---
--- ```lua
--- nn.nll_loss(tensor{{-0.5, -1}, {-2, -3}}, tensor({1, 2}, {dtype = "int64"})) --> 1.75
--- ```
---@param x tensor [C] or [N, C, ...]
---@param target tensor classes
---@param weight? tensor [C], a factor for each class
---@param reduction? "mean"|"sum"|"none" over the batch; default "mean"
---@param ignore_index? integer targets of this value do not count; default -100
---@return tensor
---@overload fun(x: tensor, target: tensor, options: { weight?: tensor, reduction?: "mean"|"sum"|"none", ignore_index?: integer }): tensor
function nn.nll_loss(x, target, weight, reduction, ignore_index) end

--- What models written in Lua extend: `local Net = nn.Module:extend("Net")`, with `Net:init(…)` setting fields and `Net:forward(x)` computing. Fields that hold `nn.Parameter`, layers, modules or lists of them are its parts; `print(model)` shows them.
---
--- ```lua
--- Net = nn.Module:extend("Net")
--- function Net:init() self.layer = nn.Linear(4, 1) end
--- function Net:forward(x) return self.layer(x) end
--- Net() --> Net…layer…
--- ```
---@class nn.Module
---@field training boolean whether it acts as in training
---@operator call(any): any
nn.Module = {}

--- Calls `visit(part)` for every module and layer inside and then for the module itself, to set starting values, say: `model:apply(function(part) if part.__name == "nn.Linear" then nn.init.orthogonal_(part.weight) end end)`.
---
--- ```lua
--- model = nn.Sequential(nn.Linear(2, 3))
--- model:apply(function(part) if part.bias then nn.init.zeros_(part.bias) end end)
--- model[1].bias:detach() --> [0., 0., 0.]
--- ```
---@param visit fun(part: any)
---@return nn.Module self
function nn.Module:apply(visit) end

--- Sets the field `name` to a tensor that belongs to the state but is not trained, and returns it.
---
--- ```lua
--- model = nn.Sequential(nn.ReLU())
--- model:buffer("scale", tensor{2}) --> [2.]
--- ```
---@param name string
---@param tensor tensor
---@return tensor
function nn.Module:buffer(name, tensor) end

--- The modules and layers in the module's own fields.
---
--- ```lua
--- #nn.Sequential(nn.Linear(2, 3), nn.ReLU()):children() --> 2
--- ```
---@return table[]
function nn.Module:children() end

--- Puts the module and all its parts in evaluation mode.
---
--- ```lua
--- nn.Sequential(nn.Dropout(0.5)):eval()(tensor{1, 2}) --> [1., 2.]
--- ```
---@return nn.Module self
function nn.Module:eval() end

--- Makes a class of modules; `Class(…)` makes one and runs `Class:init(…)` on it.
---
--- ```lua
--- Net = nn.Module:extend("Net")
--- function Net:init(width) self.layer = nn.Linear(width, 1) end
--- function Net:forward(x) return self.layer(x):relu() end
--- Net(3)(tensor.ones(5, 3)).shape --> {5, 1}
--- ```
---@param name string what its modules are called when they are printed
---@return table
function nn.Module:extend(name) end

--- What the module makes of its input; `module(x)` calls it. A class must say its own.
---
--- ```lua
--- nn.Module:extend("Net")():forward() --> error: …Net: forward: not defined; write function Net:forward(x)
--- ```
function nn.Module:forward() end

--- Reads what `save` wrote; the module must have the same parts. What differs is raised by name, and then nothing has changed.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- a, b = nn.Sequential(nn.Linear(2, 1)), nn.Sequential(nn.Linear(2, 1))
--- a:save(name)
--- b:load(name)[1].weight:eq(a[1].weight):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return nn.Module self
function nn.Module:load(path) end

--- Takes over numbers by name, as `state_dict` gives them. Raises where names or shapes differ, and then nothing has changed.
---
--- ```lua
--- a, b = nn.Sequential(nn.Linear(2, 1)), nn.Sequential(nn.Linear(2, 1))
--- b:load_state_dict(a:state_dict())
--- b[1].weight:eq(a[1].weight):all():item() --> true
--- ```
---@param state table<string, tensor>
---@return nn.Module self
function nn.Module:load_state_dict(state) end

--- Every buffer once with its name, as `named_parameters`.
---
--- ```lua
--- #nn.Sequential(nn.Linear(4, 2)):named_buffers() --> 0
--- ```
---@return named_tensors
function nn.Module:named_buffers() end

--- The module (named "") and every module and layer inside it with its path: `for path, part in model:named_modules() do`.
---
--- ```lua
--- names = {}
--- for name in nn.Sequential(nn.Linear(2, 3), nn.ReLU()):named_modules() do names[#names + 1] = name end
--- names --> {"", "1", "2"}
--- ```
---@return fun(): string|nil, any
function nn.Module:named_modules() end

--- Every parameter once with its name: `for name, p in model:named_parameters() do`; also `pairs` and by name.
---
--- ```lua
--- nn.Sequential(nn.Linear(4, 2)):named_parameters() --> 1.weight [2, 4] float32 1.bias [2] float32
--- ```
---@return named_tensors
function nn.Module:named_parameters() end

--- Every parameter once, as optimizers take them.
---
--- ```lua
--- #nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 1)):parameters() --> 4
--- ```
---@return tensor[]
function nn.Module:parameters() end

--- Says whether all parameters want gradients: `false` freezes the module.
---
--- ```lua
--- nn.Sequential(nn.Linear(2, 1)):requires_grad(false)[1].weight:requires_grad() --> false
--- ```
---@param wanted? boolean default true
---@return nn.Module self
function nn.Module:requires_grad(wanted) end

--- Writes `state_dict` to a file (`.safetensors`, `.npz` or `.h5`).
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- nn.Sequential(nn.Linear(2, 1)):save(name)
--- os.remove(name) --> true
--- ```
---@param path string
function nn.Module:save(path) end

--- Copies of all parameters and buffers by name.
---
--- ```lua
--- nn.Sequential(nn.Linear(4, 2)):state_dict()["1.bias"].shape --> {2}
--- ```
---@return table<string, tensor>
function nn.Module:state_dict() end

--- Converts all parameters and floating-point buffers, in place.
---
--- ```lua
--- nn.Sequential(nn.Linear(2, 1)):to("float64")[1].weight.dtype --> float64
--- ```
---@param dtype "float32"|"float64"
---@return nn.Module self
function nn.Module:to(dtype) end

--- Puts the module and all its parts in training mode, or out of it.
---
--- ```lua
--- nn.Sequential(nn.Dropout(0.5)):train()[1].training --> true
--- ```
---@param mode? boolean default true
---@return nn.Module self
function nn.Module:train(mode) end

--- Forgets the gradients of all parameters.
---
--- ```lua
--- model = nn.Sequential(nn.Linear(2, 1))
--- model(tensor{{1, 2}}):sum():backward()
--- model:zero_grad()
--- model[1].bias.grad --> nil
--- ```
function nn.Module:zero_grad() end

--- Layers one after the other: `nn.Sequential(nn.Linear(4, 8), nn.ReLU())`, or a list of them. The parts are `model[1]`, `model[2]`, …, their names `1.weight`, `1.bias`, …; anything that can be called may be one.
---
--- ```lua
--- nn.Sequential(nn.Linear(4, 2), nn.ReLU())(tensor.ones(3, 4)).shape --> {3, 2}
--- ```
---@class nn.Sequential: nn.Module
nn.Sequential = {}

--- Adds a layer at the end.
---
--- ```lua
--- #nn.Sequential(nn.Linear(2, 3)):append(nn.ReLU()) --> 2
--- ```
---@param layer any a layer, a module or a function
---@return nn.Sequential self
function nn.Sequential:append(layer) end

--- The last part's result.
---
--- ```lua
--- nn.Sequential(nn.ReLU()):forward(tensor{-1, 2}) --> [0., 2.]
--- ```
---@param x tensor|sparse_rows
---@return tensor
function nn.Sequential:forward(x) end

nn.functional = {}

--- Ashman distance of each pair of diagonal Gaussians, in the order (1, 2), (1, 3), …, (2, 3), …: D² = Σ_i 2 (M_1i − M_2i)²/(σ²_1i + σ²_2i); above 2 the modes are clearly apart (arXiv:2104.08291, eq. 12). The gradient at D = 0 is 0.
---
--- Shapes: means [R, D], logvars [R, D] -> [P].
---
--- ```lua
--- nn.functional.ashman_distance(tensor{{-1}, {1}}, tensor{{0}, {0}}) --> [2.]
--- ```
---@param means tensor one row per Gaussian
---@param logvars tensor logarithms of the variances
---@return tensor
function nn.functional.ashman_distance(means, logvars) end

--- Average over each window of an image: Σ x/(KH · KW).
---
--- Shapes: x [N?, C, H, W] -> [N?, C, OH, OW].
---
--- ```lua
--- nn.functional.avg_pool2d(tensor{{{1, 2}, {3, 6}}}, 2):item() --> 3.0
--- ```
---@param x tensor
---@param kernel_size integer|integer[] of the window, one integer or {vertical, horizontal}
---@param stride? integer|integer[] step of the window; the kernel_size where left out
---@param padding? integer|integer[] around the image, at most half of the window; default 0
---@param ceil_mode? boolean whether windows may reach over the end; default false
---@param count_include_pad? boolean whether zeros of the padding count as elements; default true
---@param divisor_override? integer divides the sums instead of the number of elements, unless 0; default 0
---@return tensor
---@overload fun(x: tensor, kernel_size: integer|integer[], options: { stride?: integer|integer[], padding?: integer|integer[], ceil_mode?: boolean, count_include_pad?: boolean, divisor_override?: integer }): tensor
function nn.functional.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override) end

--- (x − mean)/√(variance + eps) · weight + bias, channel by channel (arXiv:1502.03167). In training mean and variance (by n) are those of the batch, and running_mean and running_var, where given, move towards them by the fraction momentum, the variance by n − 1; else they are running_mean and running_var.
---
--- Shapes: x [N, C, *S], running_mean [C] or nil, running_var [C] or nil, weight [C] or nil, bias [C] or nil -> [N, C, *S].
---
--- ```lua
--- nn.functional.batch_norm(tensor{{0, 5}, {2, 9}}, {training = true, eps = 0}) --> [[-1., -1.], [1., 1.]]
--- ```
---@param x tensor
---@param running_mean? tensor [C]; changed in training
---@param running_var? tensor [C]; changed in training
---@param weight? tensor [C], 1 where left out
---@param bias? tensor [C], 0 where left out
---@param training? boolean whether the batch's own mean and variance are used; default false
---@param momentum? number weight of the batch in the running statistics; default 0.1
---@param eps? number added to the variance; default 1e-05
---@return tensor
---@overload fun(x: tensor, options: { running_mean?: tensor, running_var?: tensor, weight?: tensor, bias?: tensor, training?: boolean, momentum?: number, eps?: number }): tensor
function nn.functional.batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps) end

--- Two-dimensional cross-correlation: out[n, o, y, x] = bias[o] + Σ weight[o, c, i, j] · x[n, c, y·stride + i·dilation − padding, the same in x], zeros outside the image.
---
--- Shapes: x [N?, C, H, W], weight [O, I, KH, KW], bias [O] or nil -> [N?, O, OH, OW].
---
--- ```lua
--- nn.functional.conv2d(tensor.ones(1, 1, 3, 3), tensor.ones(1, 1, 2, 2), nil, {padding = "same"}):squeeze() --> [[4., 4., 2.], [4., 4., 2.], [2., 2., 1.]]
--- ```
---@param x tensor
---@param weight tensor I = C/groups
---@param bias? tensor
---@param stride? integer|integer[] step of the kernel, one integer or {vertical, horizontal}; default 1
---@param padding? "same"|"valid" zeros around the image on each side; "same" keeps the image's size, "valid" is 0; default 0
---@param dilation? integer|integer[] distance between the kernel's taps; default 1
---@param groups? integer channels are split into so many independent groups; default 1
---@return tensor
---@overload fun(x: tensor, weight: tensor, options: { bias?: tensor, stride?: integer|integer[], padding?: "same"|"valid", dilation?: integer|integer[], groups?: integer }): tensor
function nn.functional.conv2d(x, weight, bias, stride, padding, dilation, groups) end

--- Transposed convolution: each pixel x[n, c, y, x] adds weight[c, o, i, j] · x to out[n, o, y·stride + i·dilation − padding, the same in x]; then the bias.
---
--- Shapes: x [N?, C, H, W], weight [C, O, KH, KW], bias [B] or nil -> [N?, B, OH, OW].
---
--- ```lua
--- nn.functional.conv_transpose2d(tensor{{{1, 2}}}, tensor.ones(1, 1, 1, 2), nil, {stride = 2}):flatten() --> [1., 1., 2., 2.]
--- ```
---@param x tensor
---@param weight tensor O per group
---@param bias? tensor
---@param stride? integer|integer[] step of the kernel, one integer or {vertical, horizontal}; default 1
---@param padding? integer|integer[] rows and columns cut off the result on each side; default 0
---@param output_padding? integer|integer[] rows and columns added to the result's end; default 0
---@param groups? integer channels are split into so many independent groups; default 1
---@param dilation? integer|integer[] distance between the kernel's taps; default 1
---@return tensor
---@overload fun(x: tensor, weight: tensor, options: { bias?: tensor, stride?: integer|integer[], padding?: integer|integer[], output_padding?: integer|integer[], groups?: integer, dilation?: integer|integer[] }): tensor
function nn.functional.conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation) end

--- Linear layers with max(…, 0) between them, and with `relu` behind the last, in one pass: x_i = max(x_(i−1) weights[i]ᵀ + biases[i], 0), as nn.Sequential computes them.
---
--- Shapes: x [N, D], weights of [_, _], biases of [_] -> [N, H].
---
--- ```lua
--- nn.functional.dense_layers(tensor{{1, 2}}, {tensor{{1, 0}, {0, -1}}, tensor{{10, 10}}}, {tensor{0.5, 0.5}, tensor{1}}) --> [[16.]]
--- ```
---@param x tensor
---@param weights tensor[] of each layer, [outputs, inputs]
---@param biases tensor[] of each layer, [outputs]
---@param relu? boolean whether max(…, 0) follows the last layer too; default false
---@return tensor
---@overload fun(x: tensor, weights: tensor[], biases: tensor[], options: { relu?: boolean }): tensor
function nn.functional.dense_layers(x, weights, biases, relu) end

--- In training each element becomes 0 with probability p and the others are divided by 1 − p; else the identity.
---
--- ```lua
--- nn.functional.dropout(tensor{1, 2}, 0.5, {training = false}) --> [1., 2.]
--- ```
---@param x tensor|sparse_rows
---@param p? number in [0, 1], default 0.5
---@param options? boolean|{p: number, training: boolean} training true by default
---@return tensor|sparse_rows
function nn.functional.dropout(x, p, options) end

--- Element-wise x for x > 0, α (eˣ − 1) below.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:elu() --> [-0.6321, 2.]
--- ```
---@param x tensor
---@param alpha? number α, the limit −α at −∞; default 1
---@return tensor
---@overload fun(x: tensor, options: { alpha?: number }): tensor
function nn.functional.elu(x, alpha) end

--- Entropy of the diagonal Gaussian with the variances e^logvar, in nats: ½ Σ (1 + ln 2π + logvar) over the last dimension (arXiv:2104.08291, section 3).
---
--- Shapes: logvar [*S, D] -> [*S].
---
--- ```lua
--- nn.functional.gaussian_entropy(tensor{0}) --> 1.41894
--- ```
---@param logvar tensor
---@return tensor
function nn.functional.gaussian_entropy(logvar) end

--- The bottleneck of a variational autoencoder in one pass: mu = h mu_weightᵀ + mu_bias, logvar = h logvar_weightᵀ + logvar_bias, then gaussian_sample(mu, logvar, noise) and gaussian_kl(mu, logvar, prior_mu, prior_var).
---
--- Shapes: h [N, H], mu_weight [R, H], mu_bias [R], logvar_weight [R, H], logvar_bias [R], noise [N, R], prior_mu [R] or nil, prior_var [R] or nil -> [N, R], []; [N, R], [N] where reduction = none.
---
--- ```lua
--- nn.functional.gaussian_heads(tensor{{1}}, tensor{{2}}, tensor{0}, tensor{{0}}, tensor{0}, tensor{{0.5}}) --> [[2.5]] 2.
--- ```
---@param h tensor
---@param mu_weight tensor
---@param mu_bias tensor
---@param logvar_weight tensor
---@param logvar_bias tensor
---@param noise tensor standard normal numbers
---@param prior_mu? tensor [R], 0 where left out
---@param prior_var? tensor [R] above 0, 1 where left out
---@param reduction? "mean"|"sum"|"none" of the divergence over the batch; default "mean"
---@return tensor
---@return tensor? second
---@overload fun(h: tensor, mu_weight: tensor, mu_bias: tensor, logvar_weight: tensor, logvar_bias: tensor, noise: tensor, options: { prior_mu?: tensor, prior_var?: tensor, reduction?: "mean"|"sum"|"none" }): tensor, tensor?
function nn.functional.gaussian_heads(h, mu_weight, mu_bias, logvar_weight, logvar_bias, noise, prior_mu, prior_var, reduction) end

--- Logarithm of the density of a mixture of diagonal Gaussians: ln Σ_r p_r N(z; M_r, e^{L_r}) with p = softmax(logits), through log-sum-exp (arXiv:2104.08291, eqs. 4–9).
---
--- Shapes: z [N, D], logits [R], means [R, D], logvars [R, D] -> [N].
---
--- ```lua
--- nn.functional.gaussian_mixture_log_prob(tensor{{0}}, tensor{0, 0}, tensor{{-1}, {1}}, tensor{{0}, {0}}) --> [-1.419]
--- ```
---@param z tensor
---@param logits tensor of the weights
---@param means tensor one row per component
---@param logvars tensor logarithms of the variances
---@return tensor
function nn.functional.gaussian_mixture_log_prob(z, logits, means, logvars) end

--- The probability of each component given z: p_r N(z; M_r, e^{L_r})/Σ_s p_s N(z; M_s, e^{L_s}) with p = softmax(logits).
---
--- Shapes: z [N, D], logits [R], means [R, D], logvars [R, D] -> [N, R].
---
--- No gradient: it is a figure for evaluation; the gradient of the density is that of gaussian_mixture_log_prob.
---
--- ```lua
--- nn.functional.gaussian_mixture_responsibilities(tensor{{0}}, tensor{0, 0}, tensor{{-1}, {1}}, tensor{{0}, {0}}) --> [[0.5, 0.5]]
--- ```
---@param z tensor
---@param logits tensor of the weights
---@param means tensor one row per component
---@param logvars tensor logarithms of the variances
---@return tensor
function nn.functional.gaussian_mixture_responsibilities(z, logits, means, logvars) end

--- Rows of mu and logvar side by side as an encoder gives them: gaussian_sample(mu, logvar, noise) and the divergence of each N(mu, e^logvar) from N(0, 1), the sum or the mean over R, in one pass.
---
--- Shapes: x [N, D], noise [N, R] -> [N, R], [N].
---
--- ```lua
--- nn.functional.gaussian_posterior(tensor{{1, 0}}, tensor{{0.5}}) --> [[1.5]] [0.5]
--- ```
---@param x tensor [N, 2 R]
---@param noise tensor standard normal numbers
---@param over? "sum"|"mean" of the divergence over the R dimensions; default "sum"
---@return tensor
---@return tensor? second
---@overload fun(x: tensor, noise: tensor, options: { over?: "sum"|"mean" }): tensor, tensor?
function nn.functional.gaussian_posterior(x, noise, over) end

--- A sample of N(mu, e^logvar) from standard normal noise: mu + e^{logvar/2} · noise.
---
--- Shapes: mu [*S], logvar [*S], noise [*S] -> [*S].
---
--- ```lua
--- nn.functional.gaussian_sample(tensor{1}, tensor{0}, tensor{0.5}) --> [1.5]
--- ```
---@param mu tensor
---@param logvar tensor
---@param noise tensor
---@return tensor
function nn.functional.gaussian_sample(mu, logvar, noise) end

--- Element-wise x Φ(x), Φ the standard normal distribution function (exact, by erf).
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:gelu() --> [-0.1587, 1.954]
--- ```
---@param x tensor
---@return tensor
function nn.functional.gelu(x) end

--- (x − mean)/√(variance + eps) · weight + bias, mean and variance (by n) taken over the last dimensions, which have the sizes normalized_shape (arXiv:1607.06450).
---
--- Shapes: x [*S], weight [*W] or nil, bias [*W] or nil -> [*S].
---
--- ```lua
--- nn.functional.layer_norm(tensor{{0, 2}, {5, 9}}, 2, {eps = 0}) --> [[-1., 1.], [-1., 1.]]
--- ```
---@param x tensor
---@param normalized_shape integer|integer[] the last sizes of x
---@param weight? tensor of shape normalized_shape, 1 where left out
---@param bias? tensor of shape normalized_shape, 0 where left out
---@param eps? number added to the variance; default 1e-05
---@return tensor
---@overload fun(x: tensor, normalized_shape: integer|integer[], options: { weight?: tensor, bias?: tensor, eps?: number }): tensor
function nn.functional.layer_norm(x, normalized_shape, weight, bias, eps) end

--- Element-wise x for x > 0, slope · x below.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:leaky_relu(0.1) --> [-0.1, 2.]
--- ```
---@param x tensor
---@param negative_slope? number slope below 0; default 0.01
---@return tensor
---@overload fun(x: tensor, options: { negative_slope?: number }): tensor
function nn.functional.leaky_relu(x, negative_slope) end

--- x weightᵀ + bias; sparse rows are taken as they are and read only the weights of filled columns.
---
--- Shapes: x [*S, D], weight [H, D], bias [H] or nil -> [*S, H].
---
--- ```lua
--- nn.functional.linear(tensor{{1, 2}}, tensor{{1, 0}, {0, 10}}, tensor{0.5, 0.5}) --> [[1.5, 20.5]]
--- ```
---@param x tensor|sparse_rows dense, or sparse rows [N, D]
---@param weight tensor
---@param bias? tensor
---@return tensor
---@overload fun(x: tensor|sparse_rows, weight: tensor, options: { bias?: tensor }): tensor
function nn.functional.linear(x, weight, bias) end

--- max(x weightᵀ + bias, 0) in one pass: a dense layer and nn.ReLU behind it, as nn.Sequential computes the two.
---
--- Shapes: x [*S, D], weight [H, D], bias [H] -> [*S, H].
---
--- ```lua
--- nn.functional.linear_relu(tensor{{1, 2}}, tensor{{1, 0}, {0, -10}}, tensor{0.5, 0.5}) --> [[1.5, 0.]]
--- ```
---@param x tensor
---@param weight tensor
---@param bias tensor
---@return tensor
function nn.functional.linear_relu(x, weight, bias) end

--- Logarithm of the softmax along dimension d: x_i − ln Σ_j e^{x_j}.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 0}:log_softmax(1) --> [-0.6931, -0.6931]
--- ```
---@param x tensor
---@param d integer the dimension that sums to 1
---@return tensor
function nn.functional.log_softmax(x, d) end

--- The largest element of each window of an image; its gradient goes to the first of equals, a NaN wins.
---
--- Shapes: x [N?, C, H, W] -> [N?, C, OH, OW].
---
--- ```lua
--- nn.functional.max_pool2d(tensor{{{1, 2, 5}, {3, 6, 4}}}, 2, {stride = 1}):flatten() --> [6., 6.]
--- ```
---@param x tensor
---@param kernel_size integer|integer[] of the window, one integer or {vertical, horizontal}
---@param stride? integer|integer[] step of the window; the kernel_size where left out
---@param padding? integer|integer[] around the image, at most half of the window; default 0
---@param dilation? integer|integer[] distance between a window's elements; default 1
---@param ceil_mode? boolean whether windows may reach over the end; default false
---@return tensor
---@overload fun(x: tensor, kernel_size: integer|integer[], options: { stride?: integer|integer[], padding?: integer|integer[], dilation?: integer|integer[], ceil_mode?: boolean }): tensor
function nn.functional.max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode) end

--- Element-wise max(x, 0); the derivative at 0 is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:relu() --> [0., 2.]
--- ```
---@param x tensor
---@return tensor
function nn.functional.relu(x) end

--- Element-wise λ x for x > 0, λ α (eˣ − 1) below, λ = 1.0507…, α = 1.6733… (Klambauer et al., arXiv:1706.02515, eq. 2).
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:selu() --> [-1.111, 2.101]
--- ```
---@param x tensor
---@return tensor
function nn.functional.selu(x) end

--- Element-wise 1/(1 + e⁻ˣ).
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 2}:sigmoid() --> [0.5, 0.8808]
--- ```
---@param x tensor
---@return tensor
function nn.functional.sigmoid(x) end

--- Softmax along dimension d: e^{x_i}/Σ_j e^{x_j}.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, math.log(3)}:softmax(1) --> [0.25, 0.75]
--- ```
---@param x tensor
---@param d integer the dimension that sums to 1
---@return tensor
function nn.functional.softmax(x, d) end

--- Element-wise ln(1 + e^{βx})/β, taken as x where βx > threshold.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 30}:softplus() --> [0.6931, 30.]
--- ```
---@param x tensor
---@param beta? number β; default 1
---@param threshold? number where the function is taken as linear; default 20
---@return tensor
---@overload fun(x: tensor, options: { beta?: number, threshold?: number }): tensor
function nn.functional.softplus(x, beta, threshold) end

--- Element-wise tanh x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:tanh() --> [0., 0.7616]
--- ```
---@param x tensor
---@return tensor
function nn.functional.tanh(x) end

--- Images resized to `size` or by `scale_factor`: each pixel a copy of the nearest one, or the bilinear mixture of its four neighbours.
---
--- Shapes: x [N?, C, H, W] -> [N?, C, OH, OW].
---
--- ```lua
--- nn.functional.upsample(tensor{{{1, 2}}}, {scale_factor = 2}):squeeze() --> [[1., 1., 2., 2.], [1., 1., 2., 2.]]
--- ```
---@param x tensor
---@param size? integer|integer[] of the result, one integer or {vertical, horizontal}
---@param scale_factor? number|number[] ⌊factor · size⌋ rows and columns
---@param mode? "nearest"|"bilinear" default "nearest"
---@param align_corners? boolean whether the centres of the corner pixels stay, or the outer edges; bilinear only; default false
---@return tensor
---@overload fun(x: tensor, options: { size?: integer|integer[], scale_factor?: number|number[], mode?: "nearest"|"bilinear", align_corners?: boolean }): tensor
function nn.functional.upsample(x, size, scale_factor, mode, align_corners) end

nn.init = {}

--- The factor on the deviation that keeps the variance through an activation; `parameter` is the slope of leaky_relu, 0.01 by default.
---
--- ```lua
--- nn.init.calculate_gain("selu") --> 0.75
--- ```
---@param nonlinearity "linear"|"conv2d"|"conv_transpose2d"|"sigmoid"|"tanh"|"relu"|"leaky_relu"|"selu"
---@param parameter? number
---@return number
function nn.init.calculate_gain(nonlinearity, parameter) end

--- One number everywhere.
---
--- ```lua
--- nn.init.constant_(tensor.zeros(2), 0.5) --> [0.5, 0.5]
--- ```
---@param tensor tensor
---@param value number
---@return tensor
function nn.init.constant_(tensor, value) end

--- N(0, gain²/fan) (He et al., arXiv:1502.01852, eq. 10).
---
--- ```lua
--- nn.init.kaiming_normal_(tensor.zeros(4, 6), {nonlinearity = "relu"}).shape --> {4, 6}
--- ```
---@param tensor tensor `[out, in, ...]`
---@param ... number|string|{ a: number, mode: "fan_in"|"fan_out", nonlinearity: string } defaults 0, "fan_in", "leaky_relu"
---@return tensor
function nn.init.kaiming_normal_(tensor, ...) end

--- U(−b, b) with b = gain √(3/fan) (He et al., arXiv:1502.01852, eq. 10).
---
--- ```lua
--- nn.init.kaiming_uniform_(tensor.zeros(4, 6)):abs():le(1):all() --> true
--- ```
---@param tensor tensor `[out, in, ...]`
---@param ... number|string|{ a: number, mode: "fan_in"|"fan_out", nonlinearity: string } defaults 0, "fan_in", "leaky_relu"
---@return tensor
function nn.init.kaiming_uniform_(tensor, ...) end

--- N(mean, std²), by default N(0, 1).
---
--- ```lua
--- nn.init.normal_(tensor.zeros(3), 5, 0) --> [5., 5., 5.]
--- ```
---@param tensor tensor
---@param ... number|{ mean: number, std: number }
---@return tensor
function nn.init.normal_(tensor, ...) end

--- Ones.
---
--- ```lua
--- nn.init.ones_(tensor.zeros(2)) --> [1., 1.]
--- ```
---@param tensor tensor
---@return tensor
function nn.init.ones_(tensor) end

--- Gain times orthonormal rows, or columns where there are more rows than columns (arXiv:1312.6120); gain 1 by default.
---
--- ```lua
--- nn.init.orthogonal_(tensor.zeros(1, 1)):abs() --> [[1.]]
--- ```
---@param tensor tensor `[out, in, ...]`, further dimensions taken as one with the second
---@param ... number|{ gain: number }
---@return tensor
function nn.init.orthogonal_(tensor, ...) end

--- Uniform in [a, b), by default [0, 1).
---
--- ```lua
--- nn.init.uniform_(tensor.zeros(3), 2, 2) --> [2., 2., 2.]
--- ```
---@param tensor tensor
---@param ... number|{ a: number, b: number }
---@return tensor
function nn.init.uniform_(tensor, ...) end

--- N(0, gain² 2/(fan_in + fan_out)) (Glorot & Bengio, AISTATS 2010); gain 1 by default.
---
--- ```lua
--- nn.init.xavier_normal_(tensor.ones(4, 2), {gain = 0}):abs():sum() --> 0.
--- ```
---@param tensor tensor `[out, in, ...]`
---@param ... number|{ gain: number }
---@return tensor
function nn.init.xavier_normal_(tensor, ...) end

--- U(−b, b) with b = gain √(6/(fan_in + fan_out)) (Glorot & Bengio, AISTATS 2010, eq. 16); gain 1 by default.
---
--- ```lua
--- nn.init.xavier_uniform_(tensor.zeros(4, 2)):abs():le(1):all() --> true
--- ```
---@param tensor tensor `[out, in, ...]`
---@param ... number|{ gain: number }
---@return tensor
function nn.init.xavier_uniform_(tensor, ...) end

--- Zeros.
---
--- ```lua
--- nn.init.zeros_(tensor.ones(2)) --> [0., 0.]
--- ```
---@param tensor tensor
---@return tensor
function nn.init.zeros_(tensor) end

--- Squared error of each row, Σ_d (x_d − target_d)² or its mean over d, then the mean over the batch; the target may be sparse rows (arXiv:2104.08291, eq. 1).
---
--- Shapes: x [N, D], target [N, D] -> []; [N] where reduction = none.
---
--- ```lua
--- nn.squared_error(tensor{{1, 2}}, tensor{{0, 0}}) --> 5.
--- ```
---@param x tensor
---@param target tensor|sparse_rows dense or sparse rows
---@param over? "sum"|"mean" over the elements of a row; default "sum"
---@param reduction? "mean"|"sum"|"none" over the batch; default "mean"
---@return tensor
---@overload fun(x: tensor, target: tensor|sparse_rows, options: { over?: "sum"|"mean", reduction?: "mean"|"sum"|"none" }): tensor
function nn.squared_error(x, target, over, reduction) end

return nn
