---@meta tensor

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

do
--- Tensors by name in a fixed order: read by name, walked with `for name, t in list do` or `pairs`; `#` counts them.
---
--- ```lua
--- nn.Linear(4, 2):named_parameters().bias.shape --> {2}
--- ```
---@class named_tensors
---@operator call: string, tensor
---@operator len: integer
local class = {}

end

do
--- A matrix [N, D] of which few elements are not zero, as images are: what `nn.Linear`, the models and the losses take wherever they take a dense one, at the cost of the filled elements only. Made by `tensor.sparse_rows` and by the image sets of `jets`.
---
--- ```lua
--- tensor.sparse_rows(tensor{{0, 1, 0}, {0, 0, 2}}) --> sparse rows [2, 3] float32 2 entries (33.33 %)
--- ```
---@class sparse_rows
---@field dtype "float32" The type of the elements.
---@field recipe table? The options that images of jets were made with; nil for other rows.
---@field shape integer[] Rows and columns.
---@operator len: integer
local class = {}

--- 2, the number of dimensions.
---
--- ```lua
--- tensor.sparse_rows(tensor.eye(3)):dim() --> 2
--- ```
---@return integer
function class:dim() end

--- The rows at the given positions, in their order.
---
--- ```lua
--- tensor.sparse_rows(tensor.eye(3)):index_select(1, tensor({3}, {dtype = "int64"})):totable() --> {{0, 0, 1}}
--- ```
---@param d integer 1: sparse rows are chosen along their rows only
---@param positions tensor int64, from 1
---@return sparse_rows
function class:index_select(d, positions) end

--- `length` rows from row `start` on.
---
--- ```lua
--- tensor.sparse_rows(tensor.eye(3)):narrow(1, 2, 2):todense() --> [[0., 1., 0.], [0., 0., 1.]]
--- ```
---@param d integer 1: sparse rows are cut along their rows only
---@param start integer from 1
---@param length integer
---@return sparse_rows
function class:narrow(d, start, length) end

--- How many elements are stored.
---
--- ```lua
--- tensor.sparse_rows(tensor.eye(3)):nnz() --> 3
--- ```
---@return integer
function class:nnz() end

--- Rows times columns.
---
--- ```lua
--- tensor.sparse_rows(tensor.eye(3)):numel() --> 9
--- ```
---@return integer
function class:numel() end

--- The size of dimension d, or both sizes.
---
--- ```lua
--- tensor.sparse_rows(tensor.eye(3)):size(1) --> 3
--- ```
---@param d? integer 1 or 2, or -2 or -1
---@return integer|integer[]
function class:size(d) end

--- The matrix as a tensor.
---
--- ```lua
--- tensor.sparse_rows(tensor.eye(2)):todense() --> [[1., 0.], [0., 1.]]
--- ```
---@return tensor
function class:todense() end

--- The elements, zeros too, as a table of rows.
---
--- ```lua
--- tensor.sparse_rows(tensor.eye(2)):totable() --> {{1, 0}, {0, 1}}
--- ```
---@return number[][]
function class:totable() end

end

do
--- An array of numbers: views share storage, arithmetic broadcasts and gradients flow. `t[i]` is an element of a 1-D tensor, else a view of entry i; `t[mask]` the elements where a tensor of bools is true; `t[i] = v` and `t[mask] = v` set them. `#t` is the first size; `+ - * / ^ -t` compute, `& | ~` combine bools, and `< <= > >=` compare one-element tensors.
---
--- ```lua
--- x = tensor{{1, 2}, {3, 4}}
--- x[2] --> [3., 4.]
--- x[x:gt(1)] --> [2., 3., 4.]
--- (x * 10 + 1):sum():item() --> 104.0
--- ```
---@class tensor
---@field dtype "float32"|"float64"|"int64"|"bool" The type of the elements.
---@field grad tensor? The gradient collected by `backward`, in the shape of the tensor; nil forgets it.
---@field recipe table? The options that rows of constituents of jets were made with; nil for other tensors and for results of ops.
---@field shape integer[] The sizes of the dimensions.
---@operator add(tensor|number): tensor
---@operator sub(tensor|number): tensor
---@operator mul(tensor|number): tensor
---@operator div(tensor|number): tensor
---@operator pow(tensor|number): tensor
---@operator unm: tensor
---@operator band(tensor|boolean): tensor
---@operator bor(tensor|boolean): tensor
---@operator bxor(tensor|boolean): tensor
---@operator bnot: tensor
---@operator len: integer
local class = {}

--- Element-wise |x|; the derivative at 0 is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1, -2}:abs() --> [1., 2.]
--- ```
---@return tensor
function class:abs() end

--- `abs` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise |x|; the derivative at 0 is 0.
---
--- ```lua
--- tensor{1, -2}:abs_() --> [1., 2.]
--- ```
---@return tensor self
function class:abs_() end

--- Element-wise x + y. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2} + tensor{10, 20} --> [11., 22.]
--- tensor{1, 2}:add(10) --> [11., 12.]
--- ```
---@param y tensor|number
---@return tensor
function class:add(y) end

--- `add` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise x + y. Shapes broadcast.
---
--- ```lua
--- tensor{1, 2}:add_(10) --> [11., 12.]
--- ```
---@param y tensor|number
---@return tensor self
function class:add_(y) end

--- Whether all elements are true (not 0), of everything or along dimension d.
---
--- Shapes: x [*S] -> bool [*reduced(S, d)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{{1, 0}, {1, 1}}:all(2) --> [false, true]
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function class:all(d, keepdim) end

--- Whether at least one element is true (not 0), of everything or along dimension d.
---
--- Shapes: x [*S] -> bool [*reduced(S, d)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{0, 3}:any() --> true
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function class:any(d, keepdim) end

--- Position, from 1, of the largest element of all (in row-major order) or along dimension d; NaN wins, the first of equals.
---
--- Shapes: x [*S] -> int64 [*reduced(S, d)].
---
--- No gradient: positions have none.
---
--- ```lua
--- tensor{3, 9, 4}:argmax() --> 2
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function class:argmax(d, keepdim) end

--- Position, from 1, of the smallest element of all (in row-major order) or along dimension d; NaN wins, the first of equals.
---
--- Shapes: x [*S] -> int64 [*reduced(S, d)].
---
--- No gradient: positions have none.
---
--- ```lua
--- tensor{{3, 9}, {4, 1}}:argmin(2) --> [1, 2]
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function class:argmin(d, keepdim) end

--- The positions, from 1, that put the elements along dimension d (default the last) in rising order; equal ones keep their order, NaN counts as the largest.
---
--- Shapes: x [*S] -> int64 [*S].
---
--- No gradient: positions have none.
---
--- ```lua
--- tensor{3, 1, 2}:argsort(1, true) --> [1, 3, 2]
--- ```
---@param d? integer the dimension; the last where left out
---@param descending? boolean the largest first; default false
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, descending?: boolean }): tensor
function class:argsort(d, descending) end

--- Element-wise inverse hyperbolic sine.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:asinh() --> [0., 0.8814]
--- ```
---@return tensor
function class:asinh() end

--- `asinh` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise inverse hyperbolic sine.
---
--- ```lua
--- tensor{0, 1}:asinh_() --> [0., 0.8814]
--- ```
---@return tensor self
function class:asinh_() end

--- Element-wise angle of the point (y, x) = (first, second argument), in (−π, π]. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, -1}:atan2(tensor{0, 0}) --> [1.571, -1.571]
--- ```
---@param y tensor|number
---@return tensor
function class:atan2(y) end

--- `atan2` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise angle of the point (y, x) = (first, second argument), in (−π, π]. Shapes broadcast.
---
--- ```lua
--- tensor{1, -1}:atan2_(tensor{0, 0}) --> [1.571, -1.571]
--- ```
---@param y tensor|number
---@return tensor self
function class:atan2_(y) end

--- Adds to `x.grad` of every tensor x that this one was computed from and that requires a gradient. The graph is freed unless `retain_graph` says otherwise; a second pass through it then raises.
---
--- ```lua
--- x = tensor{3}:requires_grad(true)
--- loss = (x * x):sum()
--- loss:backward()
--- x.grad --> [6.]
--- ```
---@param gradient? tensor in the shape of this one; needed unless it has one element
---@param options? {retain_graph: boolean} default false
function class:backward(gradient, options) end

--- Element-wise smallest whole number ≥ x; the derivative is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1.5, -1.5}:ceil() --> [2., -1.]
--- ```
---@return tensor
function class:ceil() end

--- `ceil` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise smallest whole number ≥ x; the derivative is 0.
---
--- ```lua
--- tensor{1.5, -1.5}:ceil_() --> [2., -1.]
--- ```
---@return tensor self
function class:ceil_() end

--- At most `chunks` views of equal length along dimension d (default 1), the last one shorter where they do not come out even.
---
--- Shapes: x [*S] -> list of [*T].
---
--- ```lua
--- #tensor.arange(5):chunk(2) --> 2
--- ```
---@param chunks integer how many
---@param d? integer the dimension; the first where left out
---@return tensor[]
---@overload fun(self: tensor, chunks: integer, options: { d?: integer }): tensor[]
function class:chunk(chunks, d) end

--- Element-wise min(max(x, lowest), highest); either bound may be left out, NaN stays.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-2, 0.5, 7}:clamp(0, 1) --> [0., 0.5, 1.]
--- ```
---@param min? number the lowest value
---@param max? number the highest value
---@return tensor
---@overload fun(self: tensor, options: { min?: number, max?: number }): tensor
function class:clamp(min, max) end

--- `clamp` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise min(max(x, lowest), highest); either bound may be left out, NaN stays.
---
--- ```lua
--- tensor{-2, 0.5, 7}:clamp_(0, 1) --> [0., 0.5, 1.]
--- ```
---@param min? number the lowest value
---@param max? number the highest value
---@return tensor self
function class:clamp_(min, max) end

--- A copy with storage of its own; gradients flow through.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1, 2}:clone():zero_() --> [0., 0.]
--- ```
---@return tensor
function class:clone() end

--- Itself where its elements lie in row-major order, else a copy that does.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:t():contiguous():is_contiguous() --> true
--- ```
---@return tensor
function class:contiguous() end

--- Takes over the elements of another tensor, whose shape broadcasts to this one, converted to this one's type.
---
--- ```lua
--- tensor.zeros(2, 2):copy_(tensor{1, 2}) --> [[1., 2.], [1., 2.]]
--- ```
---@param source tensor
---@return tensor self
function class:copy_(source) end

--- Element-wise cos x, x in radians.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, math.pi / 3}:cos() --> [1., 0.5]
--- ```
---@return tensor
function class:cos() end

--- `cos` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise cos x, x in radians.
---
--- ```lua
--- tensor{0, math.pi / 3}:cos_() --> [1., 0.5]
--- ```
---@return tensor self
function class:cos_() end

--- Element-wise cosh x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:cosh() --> [1., 1.543]
--- ```
---@return tensor
function class:cosh() end

--- `cosh` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise cosh x.
---
--- ```lua
--- tensor{0, 1}:cosh_() --> [1., 1.543]
--- ```
---@return tensor self
function class:cosh_() end

--- Running sums along dimension d: y_i = x_1 + … + x_i.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1, 2, 3}:cumsum(1) --> [1., 3., 6.]
--- ```
---@param d integer the dimension
---@return tensor
function class:cumsum(d) end

--- `cumsum` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Running sums along dimension d: y_i = x_1 + … + x_i.
---
--- ```lua
--- tensor{1, 2, 3}:cumsum_(1) --> [1., 3., 6.]
--- ```
---@param d integer the dimension
---@return tensor self
function class:cumsum_(d) end

--- The same numbers, sharing memory, outside the graph.
---
--- ```lua
--- (tensor{3}:requires_grad(true) * 2):detach():requires_grad() --> false
--- ```
---@return tensor
function class:detach() end

--- How many dimensions it has.
---
--- ```lua
--- tensor.zeros(2, 3):dim() --> 2
--- ```
---@return integer
function class:dim() end

--- Element-wise x / y; float32 for whole numbers. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2} / 4 --> [0.25, 0.5]
--- tensor{1, 2}:div(2) --> [0.5, 1.]
--- ```
---@param y tensor|number
---@return tensor
function class:div(y) end

--- `div` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise x / y; float32 for whole numbers. Shapes broadcast.
---
--- ```lua
--- tensor{1, 2}:div_(2) --> [0.5, 1.]
--- ```
---@param y tensor|number
---@return tensor self
function class:div_(y) end

--- Scalar product of two vectors: Σ x_i y_i.
---
--- Shapes: x [N], y [N] -> [].
---
--- ```lua
--- tensor{1, 2}:dot(tensor{3, 4}) --> 11.
--- ```
---@param y tensor
---@return tensor
function class:dot(y) end

--- Element-wise x for x > 0, α (eˣ − 1) below.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:elu() --> [-0.6321, 2.]
--- ```
---@param alpha? number α, the limit −α at −∞; default 1
---@return tensor
---@overload fun(self: tensor, options: { alpha?: number }): tensor
function class:elu(alpha) end

--- `elu` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise x for x > 0, α (eˣ − 1) below.
---
--- ```lua
--- tensor{-1, 2}:elu_() --> [-0.6321, 2.]
--- ```
---@param alpha? number α, the limit −α at −∞; default 1
---@return tensor self
function class:elu_(alpha) end

--- Element-wise x = y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:eq(2) --> [false, true, false]
--- ```
---@param y tensor|number
---@return tensor
function class:eq(y) end

--- Element-wise error function 2/√π ∫₀ˣ e^{−t²} dt.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:erf() --> [0., 0.8427]
--- ```
---@return tensor
function class:erf() end

--- `erf` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise error function 2/√π ∫₀ˣ e^{−t²} dt.
---
--- ```lua
--- tensor{0, 1}:erf_() --> [0., 0.8427]
--- ```
---@return tensor self
function class:erf_() end

--- Element-wise eˣ.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:exp() --> [1., 2.718]
--- ```
---@return tensor
function class:exp() end

--- `exp` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise eˣ.
---
--- ```lua
--- tensor{0, 1}:exp_() --> [1., 2.718]
--- ```
---@return tensor self
function class:exp_() end

--- Dimensions of size 1, and new leading ones, repeated without a copy; −1 leaves a size.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{{1}, {2}}:expand(2, 3) --> [[1., 1., 1.], [2., 2., 2.]]
--- ```
---@param ... integer|integer[] shape: the sizes
---@return tensor
function class:expand(...) end

--- Element-wise eˣ − 1, accurate near 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor({0, 1e-10}, {dtype = "float64"}):expm1() --> [0., 1e-10]
--- ```
---@return tensor
function class:expm1() end

--- `expm1` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise eˣ − 1, accurate near 0.
---
--- ```lua
--- tensor({0, 1e-10}, {dtype = "float64"}):expm1_() --> [0., 1e-10]
--- ```
---@return tensor self
function class:expm1_() end

--- Sets every element to one number, in place.
---
--- ```lua
--- tensor{1, 2}:fill_(0.5) --> [0.5, 0.5]
--- ```
---@param value number
---@return tensor self
function class:fill_(value) end

--- Dimensions from `first` to `last` as one.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor.zeros(2, 3, 4):flatten(2).shape --> {2, 12}
--- ```
---@param first? integer the first dimension, from 1; default 1
---@param last? integer the last dimension; default -1
---@return tensor
---@overload fun(self: tensor, options: { first?: integer, last?: integer }): tensor
function class:flatten(first, last) end

--- Element-wise largest whole number ≤ x; the derivative is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1.5, -1.5}:floor() --> [1., -2.]
--- ```
---@return tensor
function class:floor() end

--- `floor` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise largest whole number ≤ x; the derivative is 0.
---
--- ```lua
--- tensor{1.5, -1.5}:floor_() --> [1., -2.]
--- ```
---@return tensor self
function class:floor_() end

--- y[…, j, …] = x[…, index[…, j, …], …] along dimension d; positions (int64) count from 1, negative ones from the end.
---
--- Shapes: x [*S], index [*T] -> [*T].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:gather(2, tensor({{2}, {1}}, {dtype = "int64"})) --> [[2.], [3.]]
--- ```
---@param d integer the dimension
---@param index tensor positions from 1
---@return tensor
function class:gather(d, index) end

--- Element-wise x ≥ y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:ge(2) --> [false, true, true]
--- ```
---@param y tensor|number
---@return tensor
function class:ge(y) end

--- Element-wise x Φ(x), Φ the standard normal distribution function (exact, by erf).
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:gelu() --> [-0.1587, 1.954]
--- ```
---@return tensor
function class:gelu() end

--- `gelu` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise x Φ(x), Φ the standard normal distribution function (exact, by erf).
---
--- ```lua
--- tensor{-1, 2}:gelu_() --> [-0.1587, 1.954]
--- ```
---@return tensor self
function class:gelu_() end

--- Element-wise x > y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:gt(2) --> [false, false, true]
--- ```
---@param y tensor|number
---@return tensor
function class:gt(y) end

--- How many elements fall into each of `bins` equal intervals of [min, max], the last one closed; from the smallest to the largest element where min = max. Others and NaN are left out.
---
--- Shapes: x [*S] -> [N].
---
--- No gradient: counts have none.
---
--- ```lua
--- tensor{0.1, 0.2, 0.9}:histc(2, 0, 1) --> [2., 1.]
--- ```
---@param bins? integer how many intervals; default 100
---@param min? number the lower end; default 0
---@param max? number the upper end; default 0
---@return tensor
---@overload fun(self: tensor, options: { bins?: integer, min?: number, max?: number }): tensor
function class:histc(bins, min, max) end

--- The entries of dimension d at the given positions (int64, from 1; negative ones from the end), in their order.
---
--- Shapes: x [*S], index [N] -> [*T].
---
--- ```lua
--- tensor{10, 20, 30}:index_select(1, tensor({3, 1}, {dtype = "int64"})) --> [30., 10.]
--- ```
---@param d integer the dimension
---@param index tensor positions from 1
---@return tensor
function class:index_select(d, index) end

--- Whether the elements lie in row-major order without gaps.
---
--- ```lua
--- tensor.zeros(2, 3):t():is_contiguous() --> false
--- ```
---@return boolean
function class:is_contiguous() end

--- Whether it is no result of an op that gradients flow through.
---
--- ```lua
--- (tensor{3}:requires_grad(true) * 2):is_leaf() --> false
--- ```
---@return boolean
function class:is_leaf() end

--- Element-wise whether x is neither infinite nor NaN, a tensor of bools.
---
--- Shapes: x [*S] -> bool [*S].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, math.huge}:isfinite() --> [true, false]
--- ```
---@return tensor
function class:isfinite() end

--- Element-wise whether x is no number, a tensor of bools.
---
--- Shapes: x [*S] -> bool [*S].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 0 / 0}:isnan() --> [false, true]
--- ```
---@return tensor
function class:isnan() end

--- The one element as a number or boolean; raises where there are more, or none.
---
--- ```lua
--- tensor{1, 2}:sum():item() --> 3.0
--- ```
---@return number|boolean
function class:item() end

--- Element-wise x ≤ y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:le(2) --> [true, true, false]
--- ```
---@param y tensor|number
---@return tensor
function class:le(y) end

--- Element-wise x for x > 0, slope · x below.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:leaky_relu(0.1) --> [-0.1, 2.]
--- ```
---@param negative_slope? number slope below 0; default 0.01
---@return tensor
---@overload fun(self: tensor, options: { negative_slope?: number }): tensor
function class:leaky_relu(negative_slope) end

--- `leaky_relu` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise x for x > 0, slope · x below.
---
--- ```lua
--- tensor{-1, 2}:leaky_relu_(0.1) --> [-0.1, 2.]
--- ```
---@param negative_slope? number slope below 0; default 0.01
---@return tensor self
function class:leaky_relu_(negative_slope) end

--- Element-wise natural logarithm; −inf at 0, NaN below.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1, 10}:log() --> [0., 2.303]
--- ```
---@return tensor
function class:log() end

--- Element-wise ln(1 + x), accurate near 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor({0, 1e-10}, {dtype = "float64"}):log1p() --> [0., 1e-10]
--- ```
---@return tensor
function class:log1p() end

--- `log1p` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise ln(1 + x), accurate near 0.
---
--- ```lua
--- tensor({0, 1e-10}, {dtype = "float64"}):log1p_() --> [0., 1e-10]
--- ```
---@return tensor self
function class:log1p_() end

--- `log` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise natural logarithm; −inf at 0, NaN below.
---
--- ```lua
--- tensor{1, 10}:log_() --> [0., 2.303]
--- ```
---@return tensor self
function class:log_() end

--- Logarithm of the softmax along dimension d: x_i − ln Σ_j e^{x_j}.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 0}:log_softmax(1) --> [-0.6931, -0.6931]
--- ```
---@param d integer the dimension that sums to 1
---@return tensor
function class:log_softmax(d) end

--- `log_softmax` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Logarithm of the softmax along dimension d: x_i − ln Σ_j e^{x_j}.
---
--- ```lua
--- tensor{0, 0}:log_softmax_(1) --> [-0.6931, -0.6931]
--- ```
---@param d integer the dimension that sums to 1
---@return tensor self
function class:log_softmax_(d) end

--- ln Σ eˣ over all elements or along dimension d, without overflow.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{1000, 1000}:logsumexp() --> 1000.69
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function class:logsumexp(d, keepdim) end

--- Element-wise x < y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:lt(2) --> [true, false, false]
--- ```
---@param y tensor|number
---@return tensor
function class:lt(y) end

--- The elements where the mask is true, in row-major order. Shapes broadcast.
---
--- Shapes: x [*S], mask [*T] -> [N].
---
--- ```lua
--- tensor{1, 5, 3}:masked_select(tensor{true, false, true}) --> [1., 3.]
--- ```
---@param mask tensor bools
---@return tensor
function class:masked_select(mask) end

--- Matrix product: [M, K] x [K, N], vectors as rows or columns, leading dimensions batched and broadcast.
---
--- Shapes: x [*A, M?, K], y [*B, K, N?] -> [*broadcast(A, B), M?, N?].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:matmul(tensor{1, 1}) --> [3., 7.]
--- ```
---@param y tensor
---@return tensor
function class:matmul(y) end

--- Largest element of all, or along dimension d the values and their positions; NaN wins, the first of equals. Of all elements, equal ones share the gradient.
---
--- Shapes: x [*S] -> []; [*reduced(S, d)], int64 [*reduced(S, d)] where d is given.
---
--- ```lua
--- tensor{{1, 5}, {7, 2}}:max(2) --> [5., 7.] [2, 1]
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@return tensor? second
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor, tensor?
function class:max(d, keepdim) end

--- Element-wise larger of x and y; NaN wins. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 5}:maximum(3) --> [3., 5.]
--- ```
---@param y tensor|number
---@return tensor
function class:maximum(y) end

--- `maximum` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise larger of x and y; NaN wins. Shapes broadcast.
---
--- ```lua
--- tensor{1, 5}:maximum_(3) --> [3., 5.]
--- ```
---@param y tensor|number
---@return tensor self
function class:maximum_(y) end

--- Mean over all elements or along dimension d: Σ x / n.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:mean(1, true) --> [[2., 3.]]
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function class:mean(d, keepdim) end

--- The lower median of all elements, or along dimension d the values and their positions from 1; NaN where there is one. Of all elements, equal ones share the gradient.
---
--- Shapes: x [*S] -> []; [*reduced(S, d)], int64 [*reduced(S, d)] where d is given.
---
--- ```lua
--- tensor{5, 1, 3}:median() --> 3.
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@return tensor? second
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor, tensor?
function class:median(d, keepdim) end

--- Smallest element of all, or along dimension d the values and their positions; NaN wins, the first of equals. Of all elements, equal ones share the gradient.
---
--- Shapes: x [*S] -> []; [*reduced(S, d)], int64 [*reduced(S, d)] where d is given.
---
--- ```lua
--- tensor{{1, 5}, {7, 2}}:min() --> 1.
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@return tensor? second
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor, tensor?
function class:min(d, keepdim) end

--- Element-wise smaller of x and y; NaN wins. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 5}:minimum(3) --> [1., 3.]
--- ```
---@param y tensor|number
---@return tensor
function class:minimum(y) end

--- `minimum` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise smaller of x and y; NaN wins. Shapes broadcast.
---
--- ```lua
--- tensor{1, 5}:minimum_(3) --> [1., 3.]
--- ```
---@param y tensor|number
---@return tensor self
function class:minimum_(y) end

--- Element-wise x · y. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2} * tensor{{1}, {10}} --> [[1., 2.], [10., 20.]]
--- tensor{1, 2}:mul(10) --> [10., 20.]
--- ```
---@param y tensor|number
---@return tensor
function class:mul(y) end

--- `mul` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise x · y. Shapes broadcast.
---
--- ```lua
--- tensor{1, 2}:mul_(10) --> [10., 20.]
--- ```
---@param y tensor|number
---@return tensor self
function class:mul_(y) end

--- `length` entries of dimension d from position `start`.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2, 3, 4}:narrow(1, 2, 2) --> [2., 3.]
--- ```
---@param d integer the dimension
---@param start integer the first position, from 1
---@param length integer how many
---@return tensor
function class:narrow(d, start, length) end

--- Element-wise x ≠ y, a tensor of bools; false where a NaN is compared, except that NaN ≠ anything. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:ne(2) --> [true, false, true]
--- ```
---@param y tensor|number
---@return tensor
function class:ne(y) end

--- Element-wise −x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- -tensor{1, -2} --> [-1., 2.]
--- tensor{1, -2}:neg() --> [-1., 2.]
--- ```
---@return tensor
function class:neg() end

--- `neg` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise −x.
---
--- ```lua
--- tensor{1, -2}:neg_() --> [-1., 2.]
--- ```
---@return tensor self
function class:neg_() end

--- The p-norm of all elements or along dimension d: (Σ |x|^p)^{1/p}, max |x| for p = inf; the derivative at 0 is 0.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{3, 4}:norm() --> 5.
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@param p? number p, above 0; default 2
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean, p?: number }): tensor
function class:norm(d, keepdim, p) end

--- Fills the tensor with numbers of the normal distribution N(mean, std²), in place.
---
--- ```lua
--- tensor.manual_seed(1)
--- tensor.zeros(2):normal_(1, 2) --> [1.761, 0.4074]
--- ```
---@param mean? number default 0
---@param std? number default 1
---@return tensor self
function class:normal_(mean, std) end

--- How many elements it has.
---
--- ```lua
--- tensor.zeros(2, 3):numel() --> 6
--- ```
---@return integer
function class:numel() end

--- Outer product of two vectors: x_i y_j.
---
--- Shapes: x [M], y [N] -> [M, N].
---
--- ```lua
--- tensor{1, 2}:outer(tensor{3, 4}) --> [[3., 4.], [6., 8.]]
--- ```
---@param y tensor
---@return tensor
function class:outer(y) end

--- All dimensions in another order.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor.zeros(2, 3, 4):permute(3, 1, 2).shape --> {4, 2, 3}
--- ```
---@param ... integer|integer[] order: every dimension once
---@return tensor
function class:permute(...) end

--- Element-wise x^y. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2, 3} ^ 2 --> [1., 4., 9.]
--- tensor{1, 4}:pow(0.5) --> [1., 2.]
--- ```
---@param y tensor|number
---@return tensor
function class:pow(y) end

--- `pow` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise x^y. Shapes broadcast.
---
--- ```lua
--- tensor{1, 4}:pow_(0.5) --> [1., 2.]
--- ```
---@param y tensor|number
---@return tensor self
function class:pow_(y) end

--- Product of all elements or along dimension d: Π x.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{2, 3, 4}:prod() --> 24.
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function class:prod(d, keepdim) end

--- The q-quantile of all elements or along dimension d, linear between neighbours: the sorted x at place q (n − 1) + 1; NaN where there is one.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{1, 2, 3, 4}:quantile(0.5) --> 2.5
--- ```
---@param q? number in [0, 1]
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(self: tensor, options: { q?: number, d?: integer, keepdim?: boolean }): tensor
function class:quantile(q, d, keepdim) end

--- Element-wise 1/x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{4, -2}:reciprocal() --> [0.25, -0.5]
--- ```
---@return tensor
function class:reciprocal() end

--- `reciprocal` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise 1/x.
---
--- ```lua
--- tensor{4, -2}:reciprocal_() --> [0.25, -0.5]
--- ```
---@return tensor self
function class:reciprocal_() end

--- Element-wise max(x, 0); the derivative at 0 is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:relu() --> [0., 2.]
--- ```
---@return tensor
function class:relu() end

--- `relu` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise max(x, 0); the derivative at 0 is 0.
---
--- ```lua
--- tensor{-1, 2}:relu_() --> [0., 2.]
--- ```
---@return tensor self
function class:relu_() end

--- Says whether gradients are collected in `x.grad`, and returns the tensor; without an argument whether they are.
---
--- ```lua
--- tensor{2}:requires_grad(true):requires_grad() --> true
--- ```
---@param wanted? boolean
---@return tensor|boolean
function class:requires_grad(wanted) end

--- The same elements in row-major order in another shape; one size may be −1. A view where the layout allows it, else a copy.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2, 3, 4}:reshape(2, -1) --> [[1., 2.], [3., 4.]]
--- ```
---@param ... integer|integer[] shape: the sizes
---@return tensor
function class:reshape(...) end

--- Element-wise nearest whole number, ties to even; the derivative is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0.5, 1.5, -1.2}:round() --> [0., 2., -1.]
--- ```
---@return tensor
function class:round() end

--- `round` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise nearest whole number, ties to even; the derivative is 0.
---
--- ```lua
--- tensor{0.5, 1.5, -1.2}:round_() --> [0., 2., -1.]
--- ```
---@return tensor self
function class:round_() end

--- Element-wise 1/√x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{4, 16}:rsqrt() --> [0.5, 0.25]
--- ```
---@return tensor
function class:rsqrt() end

--- `rsqrt` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise 1/√x.
---
--- ```lua
--- tensor{4, 16}:rsqrt_() --> [0.5, 0.25]
--- ```
---@return tensor self
function class:rsqrt_() end

--- A copy of x with source[…, j, …] added at y[…, index[…, j, …], …] along dimension d; positions (int64) count from 1, negative ones from the end.
---
--- Shapes: x [*S], index [*T], source [*T] -> [*S].
---
--- ```lua
--- tensor.zeros(3):scatter_add(1, tensor({3, 1, 3}, {dtype = "int64"}), tensor{1, 2, 5}) --> [2., 0., 6.]
--- ```
---@param d integer the dimension
---@param index tensor positions from 1
---@param source tensor in the shape of index
---@return tensor
function class:scatter_add(d, index, source) end

--- Entry i of dimension d, without that dimension.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:select(2, 1) --> [1., 3.]
--- ```
---@param d integer the dimension
---@param i integer the position, from 1
---@return tensor
function class:select(d, i) end

--- Element-wise λ x for x > 0, λ α (eˣ − 1) below, λ = 1.0507…, α = 1.6733… (Klambauer et al., arXiv:1706.02515, eq. 2).
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:selu() --> [-1.111, 2.101]
--- ```
---@return tensor
function class:selu() end

--- `selu` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise λ x for x > 0, λ α (eˣ − 1) below, λ = 1.0507…, α = 1.6733… (Klambauer et al., arXiv:1706.02515, eq. 2).
---
--- ```lua
--- tensor{-1, 2}:selu_() --> [-1.111, 2.101]
--- ```
---@return tensor self
function class:selu_() end

--- Element-wise 1/(1 + e⁻ˣ).
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 2}:sigmoid() --> [0.5, 0.8808]
--- ```
---@return tensor
function class:sigmoid() end

--- `sigmoid` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise 1/(1 + e⁻ˣ).
---
--- ```lua
--- tensor{0, 2}:sigmoid_() --> [0.5, 0.8808]
--- ```
---@return tensor self
function class:sigmoid_() end

--- Element-wise sign of x: −1, 0 or 1; the derivative is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{3, 0, -2}:sign() --> [1., 0., -1.]
--- ```
---@return tensor
function class:sign() end

--- `sign` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise sign of x: −1, 0 or 1; the derivative is 0.
---
--- ```lua
--- tensor{3, 0, -2}:sign_() --> [1., 0., -1.]
--- ```
---@return tensor self
function class:sign_() end

--- Element-wise sin x, x in radians.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, math.pi / 6}:sin() --> [0., 0.5]
--- ```
---@return tensor
function class:sin() end

--- `sin` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise sin x, x in radians.
---
--- ```lua
--- tensor{0, math.pi / 6}:sin_() --> [0., 0.5]
--- ```
---@return tensor self
function class:sin_() end

--- Element-wise sinh x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:sinh() --> [0., 1.175]
--- ```
---@return tensor
function class:sinh() end

--- `sinh` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise sinh x.
---
--- ```lua
--- tensor{0, 1}:sinh_() --> [0., 1.175]
--- ```
---@return tensor self
function class:sinh_() end

--- The size of dimension d, or all sizes.
---
--- ```lua
--- tensor.zeros(2, 3):size(-1) --> 3
--- ```
---@param d? integer from 1, or from -1 backwards
---@return integer|integer[]
function class:size(d) end

--- A view of every step-th entry of dimension d from position `first` to position `last`, both included.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2, 3, 4, 5}:slice(1, 1, -1, 2) --> [1., 3., 5.]
--- ```
---@param d integer the dimension
---@param first integer the first position, from 1
---@param last integer the last position
---@param step? integer the distance of neighbours, at least 1; default 1
---@return tensor
---@overload fun(self: tensor, d: integer, first: integer, last: integer, options: { step?: integer }): tensor
function class:slice(d, first, last, step) end

--- Softmax along dimension d: e^{x_i}/Σ_j e^{x_j}.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, math.log(3)}:softmax(1) --> [0.25, 0.75]
--- ```
---@param d integer the dimension that sums to 1
---@return tensor
function class:softmax(d) end

--- `softmax` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Softmax along dimension d: e^{x_i}/Σ_j e^{x_j}.
---
--- ```lua
--- tensor{0, math.log(3)}:softmax_(1) --> [0.25, 0.75]
--- ```
---@param d integer the dimension that sums to 1
---@return tensor self
function class:softmax_(d) end

--- Element-wise ln(1 + e^{βx})/β, taken as x where βx > threshold.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 30}:softplus() --> [0.6931, 30.]
--- ```
---@param beta? number β; default 1
---@param threshold? number where the function is taken as linear; default 20
---@return tensor
---@overload fun(self: tensor, options: { beta?: number, threshold?: number }): tensor
function class:softplus(beta, threshold) end

--- `softplus` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise ln(1 + e^{βx})/β, taken as x where βx > threshold.
---
--- ```lua
--- tensor{0, 30}:softplus_() --> [0.6931, 30.]
--- ```
---@param beta? number β; default 1
---@param threshold? number where the function is taken as linear; default 20
---@return tensor self
function class:softplus_(beta, threshold) end

--- The elements along dimension d (default the last) in rising order, and the positions from 1 they had; equal ones keep their order, NaN counts as the largest.
---
--- Shapes: x [*S] -> [*S], int64 [*S].
---
--- ```lua
--- tensor{3, 1, 2}:sort() --> [1., 2., 3.] [2, 3, 1]
--- ```
---@param d? integer the dimension; the last where left out
---@param descending? boolean the largest first; default false
---@return tensor
---@return tensor? second
---@overload fun(self: tensor, options: { d?: integer, descending?: boolean }): tensor, tensor?
function class:sort(d, descending) end

--- Views of `size` entries each along dimension d (default 1), the last one shorter where they do not come out even.
---
--- Shapes: x [*S] -> list of [*T].
---
--- ```lua
--- tensor.arange(5):split(2)[3] --> [5]
--- ```
---@param size integer entries of each
---@param d? integer the dimension; the first where left out
---@return tensor[]
---@overload fun(self: tensor, size: integer, options: { d?: integer }): tensor[]
function class:split(size, d) end

--- Element-wise √x; NaN below 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{4, 9}:sqrt() --> [2., 3.]
--- ```
---@return tensor
function class:sqrt() end

--- `sqrt` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise √x; NaN below 0.
---
--- ```lua
--- tensor{4, 9}:sqrt_() --> [2., 3.]
--- ```
---@return tensor self
function class:sqrt_() end

--- Element-wise x².
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{3, -2}:square() --> [9., 4.]
--- ```
---@return tensor
function class:square() end

--- `square` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise x².
---
--- ```lua
--- tensor{3, -2}:square_() --> [9., 4.]
--- ```
---@return tensor self
function class:square_() end

--- Without dimension d if its size is 1, or without all dimensions of size 1.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor.zeros(1, 3, 1):squeeze().shape --> {3}
--- ```
---@param d? integer the dimension; all of size 1 where left out
---@return tensor
---@overload fun(self: tensor, options: { d?: integer }): tensor
function class:squeeze(d) end

--- Standard deviation of all elements or along dimension d: the root of var; the derivative is 0 where it is 0.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{1, 3}:std({unbiased = false}) --> 1.
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@param unbiased? boolean divide by n − 1 and not by n; default true
---@param correction? number divide by n − correction, whatever unbiased says
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean, unbiased?: boolean, correction?: number }): tensor
function class:std(d, keepdim, unbiased, correction) end

--- Element-wise x − y. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2} - 1 --> [0., 1.]
--- tensor{1, 2}:sub(1) --> [0., 1.]
--- ```
---@param y tensor|number
---@return tensor
function class:sub(y) end

--- `sub` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise x − y. Shapes broadcast.
---
--- ```lua
--- tensor{1, 2}:sub_(1) --> [0., 1.]
--- ```
---@param y tensor|number
---@return tensor self
function class:sub_(y) end

--- Sum over all elements or along dimension d: Σ x.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:sum(2) --> [3., 7.]
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function class:sum(d, keepdim) end

--- The transpose of a matrix.
---
--- Shapes: x [M?, N] -> [N, M?].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:t() --> [[1., 3.], [2., 4.]]
--- ```
---@return tensor
function class:t() end

--- Element-wise tan x, x in radians.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, math.pi / 4}:tan() --> [0., 1.]
--- ```
---@return tensor
function class:tan() end

--- `tan` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise tan x, x in radians.
---
--- ```lua
--- tensor{0, math.pi / 4}:tan_() --> [0., 1.]
--- ```
---@return tensor self
function class:tan_() end

--- Element-wise tanh x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:tanh() --> [0., 0.7616]
--- ```
---@return tensor
function class:tanh() end

--- `tanh` in place: the tensor takes the result, which must have its shape, and is returned.
---
--- Element-wise tanh x.
---
--- ```lua
--- tensor{0, 1}:tanh_() --> [0., 0.7616]
--- ```
---@return tensor self
function class:tanh_() end

--- The same numbers in another type, or the tensor itself if it has that type; gradients flow between floating-point types.
---
--- ```lua
--- tensor{1.5, -1.5}:to("int64") --> [1, -1]
--- ```
---@param dtype "float32"|"float64"|"int64"|"bool" whole numbers are cut towards 0, bools say what is not 0
---@return tensor
function class:to(dtype) end

--- The k largest elements along dimension d (default the last), largest first, and their positions from 1; the smallest where `largest` is false.
---
--- Shapes: x [*S] -> [*T], int64 [*T].
---
--- ```lua
--- tensor{3, 1, 2}:topk(2) --> [3., 2.] [1, 3]
--- ```
---@param k integer how many
---@param d? integer the dimension; the last where left out
---@param largest? boolean the largest, not the smallest; default true
---@return tensor
---@return tensor? second
---@overload fun(self: tensor, k: integer, options: { d?: integer, largest?: boolean }): tensor, tensor?
function class:topk(k, d, largest) end

--- The elements as nested tables; of a tensor of no dimensions the element itself.
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:totable() --> {{1, 2}, {3, 4}}
--- ```
---@return table|number|boolean
function class:totable() end

--- Two dimensions exchanged.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor.zeros(2, 3, 4):transpose(1, 3).shape --> {4, 3, 2}
--- ```
---@param a integer a dimension
---@param b integer another
---@return tensor
function class:transpose(a, b) end

--- All entries of dimension d (default 1) as views without it.
---
--- Shapes: x [*S] -> list of [*T].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:unbind()[2] --> [3., 4.]
--- ```
---@param d? integer the dimension; the first where left out
---@return tensor[]
---@overload fun(self: tensor, options: { d?: integer }): tensor[]
function class:unbind(d) end

--- Fills the tensor with numbers uniform in [low, high), in place.
---
--- ```lua
--- tensor.manual_seed(1)
--- tensor.zeros(2):uniform_(1, 2) --> [1.89, 1.895]
--- ```
---@param low? number default 0
---@param high? number default 1
---@return tensor self
function class:uniform_(low, high) end

--- A dimension of size 1 put in at place d.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2}:unsqueeze(2) --> [[1.], [2.]]
--- ```
---@param d integer its place in the result, from 1
---@return tensor
function class:unsqueeze(d) end

--- Variance of all elements or along dimension d: Σ (x − x̄)²/(n − 1), or /n where unbiased is false, or /(n − correction).
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{1, 2, 3, 4}:var() --> 1.66667
--- ```
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@param unbiased? boolean divide by n − 1 and not by n; default true
---@param correction? number divide by n − correction, whatever unbiased says
---@return tensor
---@overload fun(self: tensor, options: { d?: integer, keepdim?: boolean, unbiased?: boolean, correction?: number }): tensor
function class:var(d, keepdim, unbiased, correction) end

--- The same storage in another shape; raises where that needs a copy (use reshape).
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2, 3, 4}:view(2, 2) --> [[1., 2.], [3., 4.]]
--- ```
---@param ... integer|integer[] shape: the sizes
---@return tensor
function class:view(...) end

--- Sets every element to 0, in place.
---
--- ```lua
--- tensor{1, 2}:zero_() --> [0., 0.]
--- ```
---@return tensor self
function class:zero_() end

end

--- Tensors: arrays of float32, float64, int64 or bool with views, broadcasting and gradients. Positions and dimensions count from 1. `tensor{{1, 2}, {3, 4}}` makes one from nested tables.
---@class jetlua.tensor
---@overload fun(values: number|boolean|table|tensor, options?: {dtype: "float32"|"float64"|"int64"|"bool"}): tensor
local tensor = {}

--- Element-wise |x|; the derivative at 0 is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1, -2}:abs() --> [1., 2.]
--- ```
---@param x tensor
---@return tensor
function tensor.abs(x) end

--- Element-wise x + y. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2} + tensor{10, 20} --> [11., 22.]
--- tensor{1, 2}:add(10) --> [11., 12.]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.add(x, y) end

--- Whether all elements are true (not 0), of everything or along dimension d.
---
--- Shapes: x [*S] -> bool [*reduced(S, d)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{{1, 0}, {1, 1}}:all(2) --> [false, true]
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function tensor.all(x, d, keepdim) end

--- Whether at least one element is true (not 0), of everything or along dimension d.
---
--- Shapes: x [*S] -> bool [*reduced(S, d)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{0, 3}:any() --> true
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function tensor.any(x, d, keepdim) end

--- Numbers from `first` to `last`, both included, in steps; `arange(last)` starts at 1. Whole numbers give int64, others float32.
---
--- ```lua
--- tensor.arange(3) --> [1, 2, 3]
--- tensor.arange(0, 1, 0.5) --> [0., 0.5, 1.]
--- ```
---@param first number
---@param last? number
---@param step? number default 1, not 0
---@param options? {dtype: "float32"|"float64"|"int64"|"bool"}
---@return tensor
function tensor.arange(first, last, step, options) end

--- Position, from 1, of the largest element of all (in row-major order) or along dimension d; NaN wins, the first of equals.
---
--- Shapes: x [*S] -> int64 [*reduced(S, d)].
---
--- No gradient: positions have none.
---
--- ```lua
--- tensor{3, 9, 4}:argmax() --> 2
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function tensor.argmax(x, d, keepdim) end

--- Position, from 1, of the smallest element of all (in row-major order) or along dimension d; NaN wins, the first of equals.
---
--- Shapes: x [*S] -> int64 [*reduced(S, d)].
---
--- No gradient: positions have none.
---
--- ```lua
--- tensor{{3, 9}, {4, 1}}:argmin(2) --> [1, 2]
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function tensor.argmin(x, d, keepdim) end

--- The positions, from 1, that put the elements along dimension d (default the last) in rising order; equal ones keep their order, NaN counts as the largest.
---
--- Shapes: x [*S] -> int64 [*S].
---
--- No gradient: positions have none.
---
--- ```lua
--- tensor{3, 1, 2}:argsort(1, true) --> [1, 3, 2]
--- ```
---@param x tensor
---@param d? integer the dimension; the last where left out
---@param descending? boolean the largest first; default false
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, descending?: boolean }): tensor
function tensor.argsort(x, d, descending) end

--- Element-wise inverse hyperbolic sine.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:asinh() --> [0., 0.8814]
--- ```
---@param x tensor
---@return tensor
function tensor.asinh(x) end

--- Element-wise angle of the point (y, x) = (first, second argument), in (−π, π]. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, -1}:atan2(tensor{0, 0}) --> [1.571, -1.571]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.atan2(x, y) end

--- Tensors joined along dimension d (default 1); the other sizes are equal.
---
--- Shapes: list of [*S] -> [*T].
---
--- ```lua
--- tensor.cat({tensor{1, 2}, tensor{3}}, 1) --> [1., 2., 3.]
--- ```
---@param list tensor[] the tensors
---@param d? integer the dimension, from 1; default 1
---@return tensor
---@overload fun(list: tensor[], options: { d?: integer }): tensor
function tensor.cat(list, d) end

--- Element-wise smallest whole number ≥ x; the derivative is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1.5, -1.5}:ceil() --> [2., -1.]
--- ```
---@param x tensor
---@return tensor
function tensor.ceil(x) end

--- At most `chunks` views of equal length along dimension d (default 1), the last one shorter where they do not come out even.
---
--- Shapes: x [*S] -> list of [*T].
---
--- ```lua
--- #tensor.arange(5):chunk(2) --> 2
--- ```
---@param x tensor
---@param chunks integer how many
---@param d? integer the dimension; the first where left out
---@return tensor[]
---@overload fun(x: tensor, chunks: integer, options: { d?: integer }): tensor[]
function tensor.chunk(x, chunks, d) end

--- Element-wise min(max(x, lowest), highest); either bound may be left out, NaN stays.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-2, 0.5, 7}:clamp(0, 1) --> [0., 0.5, 1.]
--- ```
---@param x tensor
---@param min? number the lowest value
---@param max? number the highest value
---@return tensor
---@overload fun(x: tensor, options: { min?: number, max?: number }): tensor
function tensor.clamp(x, min, max) end

--- A copy with storage of its own; gradients flow through.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1, 2}:clone():zero_() --> [0., 0.]
--- ```
---@param x tensor
---@return tensor
function tensor.clone(x) end

--- Itself where its elements lie in row-major order, else a copy that does.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:t():contiguous():is_contiguous() --> true
--- ```
---@param x tensor
---@return tensor
function tensor.contiguous(x) end

--- Element-wise cos x, x in radians.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, math.pi / 3}:cos() --> [1., 0.5]
--- ```
---@param x tensor
---@return tensor
function tensor.cos(x) end

--- Element-wise cosh x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:cosh() --> [1., 1.543]
--- ```
---@param x tensor
---@return tensor
function tensor.cosh(x) end

--- Running sums along dimension d: y_i = x_1 + … + x_i.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1, 2, 3}:cumsum(1) --> [1., 3., 6.]
--- ```
---@param x tensor
---@param d integer the dimension
---@return tensor
function tensor.cumsum(x, d) end

--- Element-wise x / y; float32 for whole numbers. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2} / 4 --> [0.25, 0.5]
--- tensor{1, 2}:div(2) --> [0.5, 1.]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.div(x, y) end

--- Scalar product of two vectors: Σ x_i y_i.
---
--- Shapes: x [N], y [N] -> [].
---
--- ```lua
--- tensor{1, 2}:dot(tensor{3, 4}) --> 11.
--- ```
---@param x tensor
---@param y tensor
---@return tensor
function tensor.dot(x, y) end

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
function tensor.elu(x, alpha) end

--- Element-wise x = y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:eq(2) --> [false, true, false]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.eq(x, y) end

--- Element-wise error function 2/√π ∫₀ˣ e^{−t²} dt.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:erf() --> [0., 0.8427]
--- ```
---@param x tensor
---@return tensor
function tensor.erf(x) end

--- Element-wise eˣ.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:exp() --> [1., 2.718]
--- ```
---@param x tensor
---@return tensor
function tensor.exp(x) end

--- Dimensions of size 1, and new leading ones, repeated without a copy; −1 leaves a size.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{{1}, {2}}:expand(2, 3) --> [[1., 1., 1.], [2., 2., 2.]]
--- ```
---@param x tensor
---@param ... integer|integer[] shape: the sizes
---@return tensor
function tensor.expand(x, ...) end

--- Element-wise eˣ − 1, accurate near 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor({0, 1e-10}, {dtype = "float64"}):expm1() --> [0., 1e-10]
--- ```
---@param x tensor
---@return tensor
function tensor.expm1(x) end

--- A matrix [n, m] with ones on its diagonal.
---
--- ```lua
--- tensor.eye(2) --> [[1., 0.], [0., 1.]]
--- ```
---@param n integer
---@param m? integer default n
---@param options? {dtype: "float32"|"float64"|"int64"|"bool"} default "float32"
---@return tensor
function tensor.eye(n, m, options) end

--- Dimensions from `first` to `last` as one.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor.zeros(2, 3, 4):flatten(2).shape --> {2, 12}
--- ```
---@param x tensor
---@param first? integer the first dimension, from 1; default 1
---@param last? integer the last dimension; default -1
---@return tensor
---@overload fun(x: tensor, options: { first?: integer, last?: integer }): tensor
function tensor.flatten(x, first, last) end

--- Element-wise largest whole number ≤ x; the derivative is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1.5, -1.5}:floor() --> [1., -2.]
--- ```
---@param x tensor
---@return tensor
function tensor.floor(x) end

--- A tensor of one number.
---
--- ```lua
--- tensor.full({2}, 0.5) --> [0.5, 0.5]
--- ```
---@param shape integer[]
---@param value number
---@param options? {dtype: "float32"|"float64"|"int64"|"bool"} default "float32"
---@return tensor
function tensor.full(shape, value, options) end

--- y[…, j, …] = x[…, index[…, j, …], …] along dimension d; positions (int64) count from 1, negative ones from the end.
---
--- Shapes: x [*S], index [*T] -> [*T].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:gather(2, tensor({{2}, {1}}, {dtype = "int64"})) --> [[2.], [3.]]
--- ```
---@param x tensor
---@param d integer the dimension
---@param index tensor positions from 1
---@return tensor
function tensor.gather(x, d, index) end

--- Element-wise x ≥ y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:ge(2) --> [false, true, true]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.ge(x, y) end

--- Element-wise x Φ(x), Φ the standard normal distribution function (exact, by erf).
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:gelu() --> [-0.1587, 1.954]
--- ```
---@param x tensor
---@return tensor
function tensor.gelu(x) end

--- Element-wise x > y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:gt(2) --> [false, false, true]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.gt(x, y) end

--- How many elements fall into each of `bins` equal intervals of [min, max], the last one closed; from the smallest to the largest element where min = max. Others and NaN are left out.
---
--- Shapes: x [*S] -> [N].
---
--- No gradient: counts have none.
---
--- ```lua
--- tensor{0.1, 0.2, 0.9}:histc(2, 0, 1) --> [2., 1.]
--- ```
---@param x tensor
---@param bins? integer how many intervals; default 100
---@param min? number the lower end; default 0
---@param max? number the upper end; default 0
---@return tensor
---@overload fun(x: tensor, options: { bins?: integer, min?: number, max?: number }): tensor
function tensor.histc(x, bins, min, max) end

--- The entries of dimension d at the given positions (int64, from 1; negative ones from the end), in their order.
---
--- Shapes: x [*S], index [N] -> [*T].
---
--- ```lua
--- tensor{10, 20, 30}:index_select(1, tensor({3, 1}, {dtype = "int64"})) --> [30., 10.]
--- ```
---@param x tensor
---@param d integer the dimension
---@param index tensor positions from 1
---@return tensor
function tensor.index_select(x, d, index) end

--- The seed in use, for a run's record.
---
--- ```lua
--- tensor.manual_seed(7)
--- tensor.initial_seed() --> 7
--- ```
---@return integer
function tensor.initial_seed() end

--- Whether a value is a (dense) tensor.
---
--- ```lua
--- tensor.is_tensor(tensor{1}), tensor.is_tensor({1}) --> true false
--- ```
---@param x any
---@return boolean
function tensor.is_tensor(x) end

--- Element-wise whether x is neither infinite nor NaN, a tensor of bools.
---
--- Shapes: x [*S] -> bool [*S].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, math.huge}:isfinite() --> [true, false]
--- ```
---@param x tensor
---@return tensor
function tensor.isfinite(x) end

--- Element-wise whether x is no number, a tensor of bools.
---
--- Shapes: x [*S] -> bool [*S].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 0 / 0}:isnan() --> [false, true]
--- ```
---@param x tensor
---@return tensor
function tensor.isnan(x) end

--- Element-wise x ≤ y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:le(2) --> [true, true, false]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.le(x, y) end

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
function tensor.leaky_relu(x, negative_slope) end

--- n numbers from a to b, both included, at equal distances.
---
--- ```lua
--- tensor.linspace(0, 1, 5) --> [0., 0.25, 0.5, 0.75, 1.]
--- ```
---@param a number
---@param b number
---@param n integer
---@param options? {dtype: "float32"|"float64"|"int64"|"bool"} default "float32"
---@return tensor
function tensor.linspace(a, b, n, options) end

--- Reads what `save` or another program wrote: a tensor from a `.npy` file or with a `name`, else a table of tensors by name, and as a second value the metadata of a `.safetensors` file. In an `.h5` file `name` may also be a group.
---
--- Element types without a counterpart become the smallest that holds them: float16 and bfloat16 float32, whole numbers int64 (a uint64 of 2^63 or more raises). Text, objects and complex numbers raise, naming the array. Nothing in a file is run.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- tensor.save(name, {n = 3}, {metadata = {kind = "counts"}})
--- state, metadata = tensor.load(name)
--- state.n:item(), metadata.kind, os.remove(name) --> 3 counts true
--- ```
---@param path string
---@param name? string
---@return tensor|table<string, tensor> tensors
---@return table<string, string>? metadata
function tensor.load(path, name) end

--- Element-wise natural logarithm; −inf at 0, NaN below.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{1, 10}:log() --> [0., 2.303]
--- ```
---@param x tensor
---@return tensor
function tensor.log(x) end

--- Element-wise ln(1 + x), accurate near 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor({0, 1e-10}, {dtype = "float64"}):log1p() --> [0., 1e-10]
--- ```
---@param x tensor
---@return tensor
function tensor.log1p(x) end

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
function tensor.log_softmax(x, d) end

--- ln Σ eˣ over all elements or along dimension d, without overflow.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{1000, 1000}:logsumexp() --> 1000.69
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function tensor.logsumexp(x, d, keepdim) end

--- Element-wise x < y, a tensor of bools; false where a NaN is compared. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:lt(2) --> [true, false, false]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.lt(x, y) end

--- Seeds every stream of random numbers: the same script, seed and build then give the same bits, whatever the number of threads.
---
--- ```lua
--- tensor.manual_seed(7)
--- x = tensor.rand(3)
--- tensor.manual_seed(7)
--- tensor.rand(3):eq(x):all():item() --> true
--- ```
---@param seed integer
function tensor.manual_seed(seed) end

--- The elements where the mask is true, in row-major order. Shapes broadcast.
---
--- Shapes: x [*S], mask [*T] -> [N].
---
--- ```lua
--- tensor{1, 5, 3}:masked_select(tensor{true, false, true}) --> [1., 3.]
--- ```
---@param x tensor
---@param mask tensor bools
---@return tensor
function tensor.masked_select(x, mask) end

--- Matrix product: [M, K] x [K, N], vectors as rows or columns, leading dimensions batched and broadcast.
---
--- Shapes: x [*A, M?, K], y [*B, K, N?] -> [*broadcast(A, B), M?, N?].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:matmul(tensor{1, 1}) --> [3., 7.]
--- ```
---@param x tensor
---@param y tensor
---@return tensor
function tensor.matmul(x, y) end

--- Largest element of all, or along dimension d the values and their positions; NaN wins, the first of equals. Of all elements, equal ones share the gradient.
---
--- Shapes: x [*S] -> []; [*reduced(S, d)], int64 [*reduced(S, d)] where d is given.
---
--- ```lua
--- tensor{{1, 5}, {7, 2}}:max(2) --> [5., 7.] [2, 1]
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@return tensor? second
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor, tensor?
function tensor.max(x, d, keepdim) end

--- Element-wise larger of x and y; NaN wins. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 5}:maximum(3) --> [3., 5.]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.maximum(x, y) end

--- Mean over all elements or along dimension d: Σ x / n.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:mean(1, true) --> [[2., 3.]]
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function tensor.mean(x, d, keepdim) end

--- The lower median of all elements, or along dimension d the values and their positions from 1; NaN where there is one. Of all elements, equal ones share the gradient.
---
--- Shapes: x [*S] -> []; [*reduced(S, d)], int64 [*reduced(S, d)] where d is given.
---
--- ```lua
--- tensor{5, 1, 3}:median() --> 3.
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@return tensor? second
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor, tensor?
function tensor.median(x, d, keepdim) end

--- Bytes and number of the tensors' storages: in use, kept for reuse, and fetched anew since the start.
---
--- ```lua
--- tensor.memory().live >= 0 --> true
--- ```
---@return {live: integer, tensors: integer, kept: integer, fresh: integer}
function tensor.memory() end

--- Smallest element of all, or along dimension d the values and their positions; NaN wins, the first of equals. Of all elements, equal ones share the gradient.
---
--- Shapes: x [*S] -> []; [*reduced(S, d)], int64 [*reduced(S, d)] where d is given.
---
--- ```lua
--- tensor{{1, 5}, {7, 2}}:min() --> 1.
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@return tensor? second
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor, tensor?
function tensor.min(x, d, keepdim) end

--- Element-wise smaller of x and y; NaN wins. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 5}:minimum(3) --> [1., 3.]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.minimum(x, y) end

--- Element-wise x · y. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2} * tensor{{1}, {10}} --> [[1., 2.], [10., 20.]]
--- tensor{1, 2}:mul(10) --> [10., 20.]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.mul(x, y) end

--- `length` entries of dimension d from position `start`.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2, 3, 4}:narrow(1, 2, 2) --> [2., 3.]
--- ```
---@param x tensor
---@param d integer the dimension
---@param start integer the first position, from 1
---@param length integer how many
---@return tensor
function tensor.narrow(x, d, start, length) end

--- Element-wise x ≠ y, a tensor of bools; false where a NaN is compared, except that NaN ≠ anything. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> bool [*broadcast(S, T)].
---
--- No gradient: bools have none.
---
--- ```lua
--- tensor{1, 2, 3}:ne(2) --> [true, false, true]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.ne(x, y) end

--- Element-wise −x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- -tensor{1, -2} --> [-1., 2.]
--- tensor{1, -2}:neg() --> [-1., 2.]
--- ```
---@param x tensor
---@return tensor
function tensor.neg(x) end

--- Calls `body(…)` and returns all its results; what it computes is not recorded, so no gradient flows through it.
---
--- ```lua
--- x = tensor{3}:requires_grad(true)
--- tensor.no_grad(function() return x * 2 end):requires_grad() --> false
--- ```
---@param body fun(...): any
---@param ... any
---@return any
function tensor.no_grad(body, ...) end

--- The p-norm of all elements or along dimension d: (Σ |x|^p)^{1/p}, max |x| for p = inf; the derivative at 0 is 0.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{3, 4}:norm() --> 5.
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@param p? number p, above 0; default 2
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean, p?: number }): tensor
function tensor.norm(x, d, keepdim, p) end

--- A tensor of ones.
---
--- ```lua
--- tensor.ones(2, 3) --> [[1., 1., 1.], [1., 1., 1.]]
--- tensor.ones({2}, {dtype = "int64"}) --> [1, 1]
--- ```
---@param ... integer|integer[] the sizes, as numbers or one table; none gives a tensor of no dimensions
---@return tensor
---@overload fun(shape: integer[], options?: {dtype: "float32"|"float64"|"int64"|"bool"}): tensor
function tensor.ones(...) end

--- A tensor of ones in the shape and type of another.
---
--- ```lua
--- tensor.ones_like(tensor{3, 4}) --> [1., 1.]
--- ```
---@param x tensor
---@param options? {dtype: "float32"|"float64"|"int64"|"bool"} default that of x
---@return tensor
function tensor.ones_like(x, options) end

--- Outer product of two vectors: x_i y_j.
---
--- Shapes: x [M], y [N] -> [M, N].
---
--- ```lua
--- tensor{1, 2}:outer(tensor{3, 4}) --> [[3., 4.], [6., 8.]]
--- ```
---@param x tensor
---@param y tensor
---@return tensor
function tensor.outer(x, y) end

--- All dimensions in another order.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor.zeros(2, 3, 4):permute(3, 1, 2).shape --> {4, 2, 3}
--- ```
---@param x tensor
---@param ... integer|integer[] order: every dimension once
---@return tensor
function tensor.permute(x, ...) end

--- Element-wise x^y. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2, 3} ^ 2 --> [1., 4., 9.]
--- tensor{1, 4}:pow(0.5) --> [1., 2.]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.pow(x, y) end

--- Product of all elements or along dimension d: Π x.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{2, 3, 4}:prod() --> 24.
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function tensor.prod(x, d, keepdim) end

--- The q-quantile of all elements or along dimension d, linear between neighbours: the sorted x at place q (n − 1) + 1; NaN where there is one.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{1, 2, 3, 4}:quantile(0.5) --> 2.5
--- ```
---@param x tensor
---@param q? number in [0, 1]
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(x: tensor, options: { q?: number, d?: integer, keepdim?: boolean }): tensor
function tensor.quantile(x, q, d, keepdim) end

--- Numbers uniform in [0, 1).
---
--- ```lua
--- tensor.manual_seed(1)
--- tensor.rand(2, 3) --> [[0.8903, 0.8947, 0.5857], [0.7113, 0.672, 0.8741]]
--- ```
---@param ... integer|integer[] the sizes, as numbers or one table
---@return tensor
---@overload fun(shape: integer[], options?: {dtype: "float32"|"float64"}): tensor
function tensor.rand(...) end

--- Numbers uniform in [0, 1) in the shape and type of another tensor.
---
--- ```lua
--- tensor.rand_like(tensor.zeros(2, 3)).shape --> {2, 3}
--- ```
---@param x tensor
---@param options? {dtype: "float32"|"float64"} default that of x
---@return tensor
function tensor.rand_like(x, options) end

--- Whole numbers from lo to hi, both included, equally likely.
---
--- ```lua
--- tensor.manual_seed(1)
--- tensor.randint(1, 6, {3}) --> [6, 5, 2]
--- ```
---@param lo integer
---@param hi integer at least lo
---@param ... integer|integer[] the sizes, as numbers or one table
---@return tensor
---@overload fun(lo: integer, hi: integer, shape: integer[], options?: {dtype: "float32"|"float64"|"int64"|"bool"}): tensor
function tensor.randint(lo, hi, ...) end

--- Numbers of the normal distribution N(0, 1).
---
--- ```lua
--- tensor.manual_seed(1)
--- tensor.randn(2, 3) --> [[0.3804, -0.2963, -0.2492], [-1.004, 0.6269, -0.634]]
--- ```
---@param ... integer|integer[] the sizes, as numbers or one table
---@return tensor
---@overload fun(shape: integer[], options?: {dtype: "float32"|"float64"}): tensor
function tensor.randn(...) end

--- Numbers of the normal distribution N(0, 1) in the shape and type of another tensor.
---
--- ```lua
--- tensor.randn_like(tensor.zeros(2, 3)).shape --> {2, 3}
--- ```
---@param x tensor
---@param options? {dtype: "float32"|"float64"} default that of x
---@return tensor
function tensor.randn_like(x, options) end

--- The numbers 1 … n in random order, as int64.
---
--- ```lua
--- tensor.manual_seed(1)
--- tensor.randperm(5) --> [2, 1, 4, 3, 5]
--- ```
---@param n integer
---@return tensor
function tensor.randperm(n) end

--- Element-wise 1/x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{4, -2}:reciprocal() --> [0.25, -0.5]
--- ```
---@param x tensor
---@return tensor
function tensor.reciprocal(x) end

--- Element-wise max(x, 0); the derivative at 0 is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:relu() --> [0., 2.]
--- ```
---@param x tensor
---@return tensor
function tensor.relu(x) end

--- The same elements in row-major order in another shape; one size may be −1. A view where the layout allows it, else a copy.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2, 3, 4}:reshape(2, -1) --> [[1., 2.], [3., 4.]]
--- ```
---@param x tensor
---@param ... integer|integer[] shape: the sizes
---@return tensor
function tensor.reshape(x, ...) end

--- Element-wise nearest whole number, ties to even; the derivative is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0.5, 1.5, -1.2}:round() --> [0., 2., -1.]
--- ```
---@param x tensor
---@return tensor
function tensor.round(x) end

--- Element-wise 1/√x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{4, 16}:rsqrt() --> [0.5, 0.25]
--- ```
---@param x tensor
---@return tensor
function tensor.rsqrt(x) end

--- Writes one tensor or a table of tensors by name. The ending of the name tells the format: `.npy` (one tensor), `.npz`, `.safetensors`, `.h5` (a name `group/x` makes the group) or `.csv` (columns [N] or [N, K]). The file appears whole or not at all.
---
--- Files hold what Python expects: C order, little-endian, the element types float32, float64, int64 and bool. Numbers in the table become tensors of no dimensions. One tensor alone is called `arr_0` in a `.npz`, `tensor` in a `.safetensors` or `.h5`.
---
--- ```lua
--- name = os.tmpname() .. ".npz"
--- tensor.save(name, {a = tensor.ones(2), n = 3}, {compress = true})
--- tensor.load(name, "a"), os.remove(name) --> [1., 1.] tensor [2] float32 min 1. mean 1. max 1. true
--- ```
---@param path string
---@param tensors tensor|table<string, tensor|number|boolean>
---@param options? { compress: boolean|integer|nil, metadata: table<string, string>|nil, columns: string[]|nil } compress: `.npz` and `.h5`, true or 1 to 9; metadata: texts by name in a `.safetensors`; columns: their order in a `.csv` (by name if left out)
function tensor.save(path, tensors, options) end

--- A copy of x with source[…, j, …] added at y[…, index[…, j, …], …] along dimension d; positions (int64) count from 1, negative ones from the end.
---
--- Shapes: x [*S], index [*T], source [*T] -> [*S].
---
--- ```lua
--- tensor.zeros(3):scatter_add(1, tensor({3, 1, 3}, {dtype = "int64"}), tensor{1, 2, 5}) --> [2., 0., 6.]
--- ```
---@param x tensor
---@param d integer the dimension
---@param index tensor positions from 1
---@param source tensor in the shape of index
---@return tensor
function tensor.scatter_add(x, d, index, source) end

--- Entry i of dimension d, without that dimension.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:select(2, 1) --> [1., 3.]
--- ```
---@param x tensor
---@param d integer the dimension
---@param i integer the position, from 1
---@return tensor
function tensor.select(x, d, i) end

--- Element-wise λ x for x > 0, λ α (eˣ − 1) below, λ = 1.0507…, α = 1.6733… (Klambauer et al., arXiv:1706.02515, eq. 2).
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{-1, 2}:selu() --> [-1.111, 2.101]
--- ```
---@param x tensor
---@return tensor
function tensor.selu(x) end

--- Element-wise 1/(1 + e⁻ˣ).
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 2}:sigmoid() --> [0.5, 0.8808]
--- ```
---@param x tensor
---@return tensor
function tensor.sigmoid(x) end

--- Element-wise sign of x: −1, 0 or 1; the derivative is 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{3, 0, -2}:sign() --> [1., 0., -1.]
--- ```
---@param x tensor
---@return tensor
function tensor.sign(x) end

--- Element-wise sin x, x in radians.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, math.pi / 6}:sin() --> [0., 0.5]
--- ```
---@param x tensor
---@return tensor
function tensor.sin(x) end

--- Element-wise sinh x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:sinh() --> [0., 1.175]
--- ```
---@param x tensor
---@return tensor
function tensor.sinh(x) end

--- A view of every step-th entry of dimension d from position `first` to position `last`, both included.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2, 3, 4, 5}:slice(1, 1, -1, 2) --> [1., 3., 5.]
--- ```
---@param x tensor
---@param d integer the dimension
---@param first integer the first position, from 1
---@param last integer the last position
---@param step? integer the distance of neighbours, at least 1; default 1
---@return tensor
---@overload fun(x: tensor, d: integer, first: integer, last: integer, options: { step?: integer }): tensor
function tensor.slice(x, d, first, last, step) end

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
function tensor.softmax(x, d) end

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
function tensor.softplus(x, beta, threshold) end

--- The elements along dimension d (default the last) in rising order, and the positions from 1 they had; equal ones keep their order, NaN counts as the largest.
---
--- Shapes: x [*S] -> [*S], int64 [*S].
---
--- ```lua
--- tensor{3, 1, 2}:sort() --> [1., 2., 3.] [2, 3, 1]
--- ```
---@param x tensor
---@param d? integer the dimension; the last where left out
---@param descending? boolean the largest first; default false
---@return tensor
---@return tensor? second
---@overload fun(x: tensor, options: { d?: integer, descending?: boolean }): tensor, tensor?
function tensor.sort(x, d, descending) end

--- The elements of a matrix that are not zero, row by row.
---
--- ```lua
--- tensor.sparse_rows(tensor{{0, 1, 0}, {0, 0, 2}}):nnz() --> 2
--- ```
---@param dense tensor [N, D]
---@return sparse_rows
function tensor.sparse_rows(dense) end

--- Views of `size` entries each along dimension d (default 1), the last one shorter where they do not come out even.
---
--- Shapes: x [*S] -> list of [*T].
---
--- ```lua
--- tensor.arange(5):split(2)[3] --> [5]
--- ```
---@param x tensor
---@param size integer entries of each
---@param d? integer the dimension; the first where left out
---@return tensor[]
---@overload fun(x: tensor, size: integer, options: { d?: integer }): tensor[]
function tensor.split(x, size, d) end

--- Element-wise √x; NaN below 0.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{4, 9}:sqrt() --> [2., 3.]
--- ```
---@param x tensor
---@return tensor
function tensor.sqrt(x) end

--- Element-wise x².
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{3, -2}:square() --> [9., 4.]
--- ```
---@param x tensor
---@return tensor
function tensor.square(x) end

--- Without dimension d if its size is 1, or without all dimensions of size 1.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor.zeros(1, 3, 1):squeeze().shape --> {3}
--- ```
---@param x tensor
---@param d? integer the dimension; all of size 1 where left out
---@return tensor
---@overload fun(x: tensor, options: { d?: integer }): tensor
function tensor.squeeze(x, d) end

--- Tensors of one shape joined along a new dimension d (default 1).
---
--- Shapes: list of [*S] -> [*T].
---
--- ```lua
--- tensor.stack({tensor{1, 2}, tensor{3, 4}}, 2) --> [[1., 3.], [2., 4.]]
--- ```
---@param list tensor[] the tensors
---@param d? integer the dimension, from 1; default 1
---@return tensor
---@overload fun(list: tensor[], options: { d?: integer }): tensor
function tensor.stack(list, d) end

--- Standard deviation of all elements or along dimension d: the root of var; the derivative is 0 where it is 0.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{1, 3}:std({unbiased = false}) --> 1.
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@param unbiased? boolean divide by n − 1 and not by n; default true
---@param correction? number divide by n − correction, whatever unbiased says
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean, unbiased?: boolean, correction?: number }): tensor
function tensor.std(x, d, keepdim, unbiased, correction) end

--- Element-wise x − y. Shapes broadcast.
---
--- Shapes: x [*S], y [*T] -> [*broadcast(S, T)].
---
--- ```lua
--- tensor{1, 2} - 1 --> [0., 1.]
--- tensor{1, 2}:sub(1) --> [0., 1.]
--- ```
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.sub(x, y) end

--- Sum over all elements or along dimension d: Σ x.
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:sum(2) --> [3., 7.]
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean }): tensor
function tensor.sum(x, d, keepdim) end

--- The transpose of a matrix.
---
--- Shapes: x [M?, N] -> [N, M?].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:t() --> [[1., 3.], [2., 4.]]
--- ```
---@param x tensor
---@return tensor
function tensor.t(x) end

--- Element-wise tan x, x in radians.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, math.pi / 4}:tan() --> [0., 1.]
--- ```
---@param x tensor
---@return tensor
function tensor.tan(x) end

--- Element-wise tanh x.
---
--- Shapes: x [*S] -> [*S].
---
--- ```lua
--- tensor{0, 1}:tanh() --> [0., 0.7616]
--- ```
---@param x tensor
---@return tensor
function tensor.tanh(x) end

--- The number of threads that compute; with n sets it. Results do not depend on it.
---
--- ```lua
--- n = tensor.threads()
--- tensor.threads(1) --> 1
--- tensor.threads(n) == n --> true
--- ```
---@param n? integer 1 to 256
---@return integer
function tensor.threads(n) end

--- The k largest elements along dimension d (default the last), largest first, and their positions from 1; the smallest where `largest` is false.
---
--- Shapes: x [*S] -> [*T], int64 [*T].
---
--- ```lua
--- tensor{3, 1, 2}:topk(2) --> [3., 2.] [1, 3]
--- ```
---@param x tensor
---@param k integer how many
---@param d? integer the dimension; the last where left out
---@param largest? boolean the largest, not the smallest; default true
---@return tensor
---@return tensor? second
---@overload fun(x: tensor, k: integer, options: { d?: integer, largest?: boolean }): tensor, tensor?
function tensor.topk(x, k, d, largest) end

--- Two dimensions exchanged.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor.zeros(2, 3, 4):transpose(1, 3).shape --> {4, 3, 2}
--- ```
---@param x tensor
---@param a integer a dimension
---@param b integer another
---@return tensor
function tensor.transpose(x, a, b) end

--- All entries of dimension d (default 1) as views without it.
---
--- Shapes: x [*S] -> list of [*T].
---
--- ```lua
--- tensor{{1, 2}, {3, 4}}:unbind()[2] --> [3., 4.]
--- ```
---@param x tensor
---@param d? integer the dimension; the first where left out
---@return tensor[]
---@overload fun(x: tensor, options: { d?: integer }): tensor[]
function tensor.unbind(x, d) end

--- A dimension of size 1 put in at place d.
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2}:unsqueeze(2) --> [[1.], [2.]]
--- ```
---@param x tensor
---@param d integer its place in the result, from 1
---@return tensor
function tensor.unsqueeze(x, d) end

--- Variance of all elements or along dimension d: Σ (x − x̄)²/(n − 1), or /n where unbiased is false, or /(n − correction).
---
--- Shapes: x [*S] -> [*reduced(S, d)].
---
--- ```lua
--- tensor{1, 2, 3, 4}:var() --> 1.66667
--- ```
---@param x tensor
---@param d? integer the dimension reduced; all where left out
---@param keepdim? boolean keep the dimension with size 1; default false
---@param unbiased? boolean divide by n − 1 and not by n; default true
---@param correction? number divide by n − correction, whatever unbiased says
---@return tensor
---@overload fun(x: tensor, options: { d?: integer, keepdim?: boolean, unbiased?: boolean, correction?: number }): tensor
function tensor.var(x, d, keepdim, unbiased, correction) end

--- The same storage in another shape; raises where that needs a copy (use reshape).
---
--- Shapes: x [*S] -> [*T].
---
--- ```lua
--- tensor{1, 2, 3, 4}:view(2, 2) --> [[1., 2.], [3., 4.]]
--- ```
---@param x tensor
---@param ... integer|integer[] shape: the sizes
---@return tensor
function tensor.view(x, ...) end

--- x where the mask is true and y elsewhere. Shapes broadcast.
---
--- Shapes: mask [*M], x [*S], y [*T] -> [*broadcast(M, S, T)].
---
--- ```lua
--- tensor.where(tensor{1, -2}:gt(0), tensor{1, 1}, 0) --> [1., 0.]
--- ```
---@param mask tensor bools
---@param x tensor|number
---@param y tensor|number
---@return tensor
function tensor.where(mask, x, y) end

--- A tensor of zeros.
---
--- ```lua
--- tensor.zeros(2, 3) --> [[0., 0., 0.], [0., 0., 0.]]
--- tensor.zeros({2}, {dtype = "int64"}) --> [0, 0]
--- ```
---@param ... integer|integer[] the sizes, as numbers or one table; none gives a tensor of no dimensions
---@return tensor
---@overload fun(shape: integer[], options?: {dtype: "float32"|"float64"|"int64"|"bool"}): tensor
function tensor.zeros(...) end

--- A tensor of zeros in the shape and type of another.
---
--- ```lua
--- tensor.zeros_like(tensor{3, 4}) --> [0., 0.]
--- ```
---@param x tensor
---@param options? {dtype: "float32"|"float64"|"int64"|"bool"} default that of x
---@return tensor
function tensor.zeros_like(x, options) end

return tensor
