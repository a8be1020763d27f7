local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local equal, raises = testing.equal, testing.raises

equal(json.encode { b = 1, a = { 1, 2.0, "x" }, c = true }, '{"a": [1, 2.0, "x"], "b": 1, "c": true}')
equal(json.encode {}, "{}")
equal(json.encode(json.list {}), "[]")
equal(json.encode { json.null, 1 }, "[null, 1]")
equal(json.encode { [1] = "a", [3] = "c" }, '{"1": "a", "3": "c"}')
equal(json.encode("a\"b\\c\n\0\127é☃"), [["a\"b\\c\n\u0000\u007fé☃"]])
equal(json.encode("bad \xff byte"), '"bad \u{FFFD} byte"')
equal(json.encode({ a = { 1, 2 }, b = { c = 1 } }, { indent = 2 }), [[
{
  "a": [1, 2],
  "b": {
    "c": 1
  }
}]])

for _, x in ipairs { 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1e15, 123456789.123456789, 2.0 ^ 53, math.pi } do
  local back = json.decode((json.encode(x)))
  testing.check(back == x and math.type(back) == "float" and 1 / back == 1 / x, "round trip of " .. x)
end
for _, n in ipairs { 0, -1, math.maxinteger, math.mininteger } do equal(json.decode((json.encode(n))), n) end

local encoded, notes = json.encode { loss = { kl = 0 / 0, total = 1 }, list = { 1 / 0, -1 / 0 } }
equal(encoded, '{"list": [null, null], "loss": {"kl": null, "total": 1}}')
equal(notes, { "list[1]: inf", "list[2]: -inf", "loss.kl: nan" })

local cyclic = {}
cyclic.again = cyclic
raises("a table that contains itself", json.encode, cyclic)
raises("value.f: expected a table, string, number or boolean, got a function", json.encode, { f = print })
raises("unknown option \"indnt\"; did you mean \"indent\"?", json.encode, {}, { indnt = 2 })
local shared = { 1 }
equal(json.encode { shared, shared }, "[[1], [1]]", "a table met twice is no cycle")

equal(json.decode ' {"a": [1, 2.5, -3e2, true, null, "\\u00e9\\ud83d\\ude00\\n"]} ',
  { a = { 1, 2.5, -300.0, true, json.null, "é😀\n" } })
equal(json.decode "[]", {})
equal(json.encode(json.decode "[]"), "[]", "an empty list stays one")
equal(json.decode '"\\ud800x"', "\u{FFFD}x")
raises("line 2, column 3: expected a value", json.decode, "[\n  x,]")
for _, bad in ipairs { "", "{", "[1,]", "{a:1}", '{"a" 1}', "01", "1.", ".5", "+1", "tru", '"a', '"\\x"', '"\1"', "[1] 2", "nan", "'a'" } do
  raises("json.decode: line", json.decode, bad)
end
-- Objects of numbers with a decimal point are read by a shorter way, which takes nothing that the long one refuses.
equal(json.encode(json.decode '{"a": 1.5, "b": -0.25,"c":2.0 , "d": 1.5e3, "e\\u0041": 0.5, "f": 3}'),
  '{"a": 1.5, "b": -0.25, "c": 2.0, "d": 1500.0, "eA": 0.5, "f": 3}')
for _, bad in ipairs { '{"a": 01.5}', '{"a": -00.5}', '{"a": 1.}', '{"a": 1.5e}', '{"a": 1.5,}', '{"a": 1.5]', '{"a": 1.5', '{"a": 1.5}}' } do
  raises("json.decode: line", json.decode, bad)
end
raises("expected at most 100 levels", json.decode, ("["):rep(200))

testing.finish()
