local core = require("jetlua.nn.blueprint").makers

local layers = {}

--- Sizes on the two axes of an image: one integer for both, or {vertical, horizontal}.
---@alias nn.Pair integer|integer[]

--- A convolution (cross-correlation) of images: `[N, C, H, W]` or `[C, H, W]` → `[N, O, OH, OW]` with
--- OH = ⌊(H + 2 padding − dilation (KH − 1) − 1)/stride⌋ + 1. `layer.weight` is `[O, C/groups, KH, KW]`, `layer.bias` `[O]`;
--- both start as U(−1/√f, 1/√f), f = C/groups · KH · KW. `padding = "same"` keeps the size of the image.
---
---     nn.Conv2d(1, 10, 5, {padding = "same"})(tensor.zeros(3, 1, 40, 40)).shape --> {3, 10, 40, 40}
---@param in_channels integer
---@param out_channels integer
---@param kernel_size nn.Pair
---@param ... nn.Pair|{ stride: nn.Pair, padding: nn.Pair|"same"|"valid", dilation: nn.Pair, groups: integer, bias: boolean, init: string, dtype: "float32"|"float64" }
---@return nn.Layer
function layers.Conv2d(in_channels, out_channels, kernel_size, ...)
  return core.Conv2d(in_channels, out_channels, kernel_size, ...)
end

--- A transposed convolution of images, which enlarges where Conv2d reduces: `[N, C, H, W]` → `[N, O, OH, OW]` with
--- OH = (H − 1) stride − 2 padding + dilation (KH − 1) + output_padding + 1. `layer.weight` is `[C, O/groups, KH, KW]`, `layer.bias` `[O]`;
--- both start as U(−1/√f, 1/√f), f = O/groups · KH · KW.
---
---     nn.ConvTranspose2d(5, 1, 2, {stride = 2})(tensor.zeros(3, 5, 20, 20)).shape --> {3, 1, 40, 40}
---@param in_channels integer
---@param out_channels integer
---@param kernel_size nn.Pair
---@param ... nn.Pair|{ stride: nn.Pair, padding: nn.Pair, output_padding: nn.Pair, groups: integer, bias: boolean, dilation: nn.Pair, init: string, dtype: "float32"|"float64" }
---@return nn.Layer
function layers.ConvTranspose2d(in_channels, out_channels, kernel_size, ...)
  return core.ConvTranspose2d(in_channels, out_channels, kernel_size, ...)
end

--- The average of each window of an image; `stride` is the kernel's size unless given.
---
---     nn.AvgPool2d(2)(tensor{{{1, 2}, {3, 6}}}):item() --> 3.0
---@param kernel_size nn.Pair
---@param ... nn.Pair|{ stride: nn.Pair, padding: nn.Pair, ceil_mode: boolean, count_include_pad: boolean, divisor_override: integer }
---@return nn.Layer
function layers.AvgPool2d(kernel_size, ...)
  return core.AvgPool2d(kernel_size, ...)
end

--- The largest element of each window of an image; `stride` is the kernel's size unless given.
---
---     nn.MaxPool2d(2)(tensor{{{1, 2}, {3, 6}}}):item() --> 6.0
---@param kernel_size nn.Pair
---@param ... nn.Pair|{ stride: nn.Pair, padding: nn.Pair, dilation: nn.Pair, ceil_mode: boolean }
---@return nn.Layer
function layers.MaxPool2d(kernel_size, ...)
  return core.MaxPool2d(kernel_size, ...)
end

--- Images resized to `size` or by `scale_factor`, by copies of the nearest pixel or bilinear mixtures of four.
---
---     nn.Upsample{scale_factor = 2}(tensor.zeros(3, 5, 20, 20)).shape --> {3, 5, 40, 40}
---@param ... nn.Pair|{ size: nn.Pair, scale_factor: number|number[], mode: "nearest"|"bilinear", align_corners: boolean }
---@return nn.Layer
function layers.Upsample(...)
  return core.Upsample(...)
end

return layers
