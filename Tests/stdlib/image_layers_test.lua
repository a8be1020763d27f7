-- Convolutions, pooling and upsampling as layers and functions.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local nn, tensor, autograd = require "nn", require "tensor", require "autograd"
local F = nn.functional

-- A cross-correlation, not a convolution: the kernel is not turned around.
local x = tensor.arange(1, 9):to("float32"):reshape(1, 1, 3, 3)
local kernel = tensor { { { { 1, 0 }, { 0, 10 } } } }
equal(F.conv2d(x, kernel):totable(), { { { { 51.0, 62.0 }, { 84.0, 95.0 } } } })
equal(F.conv2d(x, kernel, tensor { -1 }, { stride = 2, padding = { 1, 0 } }):totable(), { { { { 19.0 }, { 83.0 } } } })
equal(F.conv2d(x, kernel, nil, { 2, 1 }):totable(), { { { { 51.0, 62.0 } } } }, "stride in its place, {vertical, horizontal}")
equal(F.conv2d(x, kernel, nil, 1, 0, 2).shape, { 1, 1, 1, 1 })
equal(F.conv2d(x, kernel, nil, { padding = "same" }).shape, { 1, 1, 3, 3 })
equal(F.conv2d(x:squeeze(1), kernel).shape, { 1, 2, 2 }, "one image is a batch without its dimension")
equal(F.conv_transpose2d(tensor { { { { 1, 2 } } } }, kernel, nil, { stride = 2 }):totable(), { { { { 1.0, 0.0, 2.0, 0.0 }, { 0.0, 10.0, 0.0, 20.0 } } } })
equal(F.conv_transpose2d(x, kernel, nil, { stride = 2, output_padding = 1 }).shape, { 1, 1, 7, 7 })
equal(F.avg_pool2d(x, 2, 1):totable(), { { { { 3.0, 4.0 }, { 6.0, 7.0 } } } })
equal(F.avg_pool2d(x, { 3, 1 }):totable(), { { { { 4.0, 5.0, 6.0 } } } })
equal(F.avg_pool2d(x, 2, { padding = 1, count_include_pad = false }):totable(), { { { { 1.0, 2.5 }, { 5.5, 7.0 } } } })
equal(F.max_pool2d(x, 2, { stride = 1 }):totable(), { { { { 5.0, 6.0 }, { 8.0, 9.0 } } } })
equal(F.max_pool2d(x, 2, { ceil_mode = true }):totable(), { { { { 5.0, 6.0 }, { 8.0, 9.0 } } } })
equal(F.upsample(tensor { { { 1, 2 } } }, { scale_factor = 2 }):totable(), { { { 1.0, 1.0, 2.0, 2.0 }, { 1.0, 1.0, 2.0, 2.0 } } })
equal(F.upsample(tensor { { { 1, 2 } } }, { size = { 1, 4 }, mode = "bilinear" }):totable(), { { { 1.0, 1.25, 1.75, 2.0 } } })
equal(F.upsample(tensor { { { 1, 3 } } }, { 1, 3 }, { mode = "bilinear", align_corners = true }):totable(), { { { 1.0, 2.0, 3.0 } } })

raises("conv2d: x: expected 2 channels for a weight of shape [1, 2, 2, 2], got shape [1, 1, 3, 3]", F.conv2d, x, tensor.zeros(1, 2, 2, 2))
raises('conv2d: unknown option "pading"; did you mean "padding"?', F.conv2d, x, kernel, nil, { pading = 1 })
raises('conv2d: padding: expected one of "same", "valid", got "sane"; did you mean "same"?', F.conv2d, x, kernel, nil, { padding = "sane" })
raises("conv2d: stride: expected an integer or a list of two, got a list of 3", F.conv2d, x, kernel, nil, { stride = { 1, 2, 3 } })
raises("conv2d: stride: expected an integer, got 1.5", F.conv2d, x, kernel, nil, { stride = 1.5 })
raises("avg_pool2d: kernel_size: expected an integer or a list of two, got nothing", F.avg_pool2d, x)
raises("upsample: scale_factor: expected a number or a list of two", F.upsample, x, { scale_factor = "2" })

-- Layers print what made them; what is PyTorch's default is left out.
equal(tostring(nn.Conv2d(1, 10, 5)), "nn.Conv2d(1 -> 10, kernel_size = 5)")
equal(tostring(nn.Conv2d(2, 4, { 5, 3 }, { stride = { 2, 1 }, padding = 2, dilation = 2, groups = 2, bias = false })),
  "nn.Conv2d(2 -> 4, kernel_size = {5, 3}, stride = {2, 1}, padding = 2, dilation = 2, groups = 2, no bias)")
equal(tostring(nn.Conv2d(1, 1, 3, { padding = "same" })), 'nn.Conv2d(1 -> 1, kernel_size = 3, padding = "same")')
equal(tostring(nn.Conv2d(1, 1, 3, 2, 1)), "nn.Conv2d(1 -> 1, kernel_size = 3, stride = 2, padding = 1)", "arguments in their order")
equal(tostring(nn.ConvTranspose2d(4, 2, 2, { stride = 2, output_padding = 1 })), "nn.ConvTranspose2d(4 -> 2, kernel_size = 2, stride = 2, output_padding = 1)")
equal(tostring(nn.AvgPool2d(2)), "nn.AvgPool2d(2)")
equal(tostring(nn.AvgPool2d { kernel_size = 3, stride = 2, padding = 1, count_include_pad = false }), "nn.AvgPool2d(3, stride = 2, padding = 1, count_include_pad = false)")
equal(tostring(nn.MaxPool2d({ 3, 2 }, { stride = 1, ceil_mode = true })), "nn.MaxPool2d({3, 2}, stride = 1, ceil_mode = true)")
equal(tostring(nn.Upsample { scale_factor = 2 }), "nn.Upsample(scale_factor = 2)")
equal(tostring(nn.Upsample { size = { 40, 20 }, mode = "bilinear", align_corners = true }), 'nn.Upsample(size = {40, 20}, mode = "bilinear", align_corners = true)')

raises("Conv2d: kernel_size: expected an integer, got nil", nn.Conv2d, 1, 2)
raises("Conv2d: in_channels: expected an integer in 1...2147483647, got 0", nn.Conv2d, 0, 2, 3)
raises("Conv2d: groups: expected a divisor of in_channels 3, got 2", nn.Conv2d, 3, 2, 3, { groups = 2 })
raises("Conv2d: kernel_size: expected integers in 1...2147483647, got {3, -1}", nn.Conv2d, 1, 2, { 3, -1 })
raises('Conv2d: padding: "same" needs a stride of 1, got 2', nn.Conv2d, 1, 2, 3, { stride = 2, padding = "same" })
raises('Conv2d: unknown option "strides"; did you mean "stride"?', nn.Conv2d, 1, 2, 3, { strides = 2 })
raises("Conv2d: stride: given twice, in place 4 and as an option", nn.Conv2d, 1, 2, 3, 2, { stride = 2 })
raises("ConvTranspose2d: output_padding: expected integers from 0 to below the stride or the dilation, got 2", nn.ConvTranspose2d, 1, 2, 3, { stride = 2, output_padding = 2 })
raises("AvgPool2d: padding: expected at most half of the kernel_size 2, got 2", nn.AvgPool2d, 2, { padding = 2 })
raises("Upsample: expected size or scale_factor, got neither", nn.Upsample)
raises("Upsample: expected size or scale_factor, got both", nn.Upsample, 2, 2)
raises("Upsample: scale_factor: expected numbers above 0, got -1", nn.Upsample, { scale_factor = -1 })

-- A layer is its function with weights of its own.
tensor.manual_seed(5)
local images = tensor.randn(3, 2, 8, 7)
local conv = nn.Conv2d(2, 3, 3, { stride = 2, padding = 1 })
equal(conv(images):totable(), F.conv2d(images, conv.weight, conv.bias, { stride = 2, padding = 1 }):totable())
equal(conv.weight.shape, { 3, 2, 3, 3 })
local back = nn.ConvTranspose2d(3, 2, 3, { stride = 2, padding = 1, output_padding = { 1, 0 } })
equal(back(conv(images)).shape, { 3, 2, 8, 7 })
equal(nn.MaxPool2d(2)(images).shape, { 3, 2, 4, 3 })
equal(nn.Upsample(14)(images).shape, { 3, 2, 14, 14 })

-- Gradients in the type of users' checks, of a small net of all of them.
local net = nn.Sequential(
  nn.Conv2d(2, 3, 3, { padding = 1, dtype = "float64" }), nn.AvgPool2d(2), nn.SELU(), nn.Conv2d(3, 2, 2, { stride = { 1, 2 }, dtype = "float64" }),
  nn.Upsample { scale_factor = 2, mode = "bilinear" }, nn.ConvTranspose2d(2, 1, 3, { stride = 2, dtype = "float64" }), nn.MaxPool2d(2))
check(autograd.check(function(v) return net(v):square():sum() end, { tensor.randn(2, 2, 6, 8, { dtype = "float64" }) }))

-- The same numbers for any number of images in a batch: each is computed alone.
local wide = nn.Conv2d(2, 10, 5, { padding = 2 })
local batch = tensor.randn(5, 2, 40, 40)
local whole = wide(batch)
for i = 1, 5 do equal((whole:select(1, i) - wide(batch:select(1, i))):abs():max():item(), 0.0) end

-- Training finds the kernel that made the data.
local truth = tensor { { { { 0, 1, 0 }, { 1, -4, 1 }, { 0, 1, 0 } } } }
local student = nn.Conv2d(1, 1, 3, { padding = 1 })
local adam = require("optim").Adam(student:parameters(), { lr = 0.05 })
for _ = 1, 300 do
  local input = tensor.randn(8, 1, 12, 12)
  adam:zero_grad()
  nn.mse_loss(student(input), F.conv2d(input, truth, nil, { padding = 1 })):backward()
  adam:step()
end
near((student.weight - truth):abs():max():item(), 0, 0.02)

testing.finish()
