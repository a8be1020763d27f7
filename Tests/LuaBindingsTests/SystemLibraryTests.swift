import Foundation
import LuaBindings
import Testing

@Suite(.serialized) struct SystemLibraryTests {
  let host: LuaHost
  let folder = NSTemporaryDirectory() + "/jetlua-system-" + UUID().uuidString

  init() throws {
    host = try LuaHost()
    try host.openLibraries()
    try host.run("system = require 'jetlua.core.system'; folder = [[\(folder)]]; system.make_directory(folder)")
  }

  private func text(_ chunk: String) throws -> String {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard case .string(let text)? = try host.run("return tostring((function() \(chunk) end)())", name: "@script.lua").first else { return "?" }
    return text
  }

  @Test(arguments: [
    ("system.write_file(folder .. '/a', 'x\\0y\\255'); return #system.read_file(folder .. '/a')", "4"),
    ("system.write_file(folder .. '/a', 'x\\0y\\255'); return system.read_file(folder .. '/a') == 'x\\0y\\255'", "true"),
    ("for i = 1, 3 do system.append_file(folder .. '/log', i .. '\\n') end return system.read_file(folder .. '/log')", "1\n2\n3\n"),
    ("system.write_file(folder .. '/b', ''); system.write_file(folder .. '/a', ''); return table.concat(system.list_directory(folder), ' ')", "a b"),
    ("system.make_directory(folder .. '/x/y/z'); return system.is_directory(folder .. '/x/y')", "true"),
    ("return system.make_new_directory(folder .. '/new')", "true"),
    ("return system.make_new_directory(folder)", "false"),
    ("system.write_file(folder .. '/a', '1'); system.rename(folder .. '/a', folder .. '/b'); return system.exists(folder .. '/a')", "false"),
    ("system.write_file(folder .. '/a', '1'); return system.remove(folder .. '/a') and not system.remove(folder .. '/a')", "true"),
    ("system.write_file(folder .. '/a', 'abc'); return system.sha256_file(folder .. '/a') == system.sha256('abc')", "true"),
    ("return system.sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("local t = system.temporary_name(folder .. '/a'); return t:sub(1, #folder) == folder and not system.exists(t)", "true"),
    ("return system.temporary_name(folder .. '/a') ~= system.temporary_name(folder .. '/a')", "true"),
    ("local r = system.run({'sh', '-c', 'cat; echo err >&2; exit 3'}, {input = 'in\\0'}); return #r.stdout .. r.stderr .. r.status", "3err\n3"),
    ("return system.run({'sh', '-c', 'kill -9 $$'}).signal", "9"),
    ("return system.run({'sh', '-c', 'kill -9 $$'}).status", "nil"),
    ("return system.run({'sleep', '20'}, {timeout = 0.05}).timed_out", "true"),
    ("return system.run({'sh', '-c', 'echo $A; pwd'}, {environment = {A = 'b'}, directory = '/usr'}).stdout", "b\n/usr\n"),
    ("return system.find_program('sh'):match('/sh$')", "/sh"),
    ("return system.find_program('no-such-program-anywhere')", "nil"),
    ("return system.is_terminal(60000)", "false"),
    ("return math.type(system.terminal_columns())", "integer"),
    ("return math.abs(system.now() - os.time()) < 2", "true"),
    ("local a = system.monotonic(); return system.monotonic() >= a", "true"),
    ("return system.getenv_table().PATH == os.getenv('PATH')", "true"),
    ("return system.process_id() > 0 and #system.hostname() > 0", "true"),
    ("local c = system.cpu(); return #c.model > 0 and c.cores >= 1", "true"),
    ("local m = system.memory(); return m.peak >= m.resident and m.resident >= m.anonymous and m.anonymous > 0", "true"),
    ("return system.is_directory(system.home() .. '/stdlib')", "true"),
    ("return #system.operating_system() > 0", "true"),
  ]) func gives(chunk: String, expected: String) throws {
    #expect(try text(chunk) == expected)
  }

  @Test(arguments: [
    ("system.read_file(folder .. '/none')", "read_file: cannot read FOLDER/none: No such file or directory; check the path"),
    ("system.read_file(folder)", "read_file: cannot read FOLDER: Is a directory; give the name of a file"),
    ("system.read_file()", "read_file: path: expected a string, got nothing"),
    ("system.read_file('a\\0b')", "read_file: cannot read a?b: the path holds a zero byte; give a path without one"),
    ("system.read_file('\\255')", "read_file: path: expected a path in UTF-8, got "),
    ("system.write_file(folder .. '/a')", "write_file: text: expected a string, got nothing"),
    ("system.write_file(folder .. '/no/a', '')", "write_file: cannot write FOLDER/no/a: there is no folder FOLDER/no; make it first"),
    ("system.append_file('/dev/full', 'x')", "append_file: cannot append to /dev/full: No space left on device; free some space"),
    ("system.remove('/proc/self/status')", "remove: cannot remove /proc/self/status: "),
    ("system.make_directory('/proc/self/status/x')", "make_directory: cannot make the folder /proc/self/status/x: Not a directory"),
    ("system.run({})", "run: cannot run a program without a name; give it first"),
    ("system.run('ls')", "run: command: expected a list, got \"ls\""),
    ("system.run({'nonesuch'})", "run: cannot run nonesuch: there is no such program; install it or check PATH"),
    ("system.run({'ls', 1})", "run: command[2]: expected a string, got 1"),
    ("system.run({'ls'}, {inptu = ''})", "run: unknown option \"inptu\"; did you mean \"input\"?"),
    ("system.run({'ls'}, {timeout = -1})", "run: timeout: expected a number in 0.0...1000000000.0, got -1"),
    ("system.run({'ls'}, {environment = {A = 1}})", "run: environment.A: expected a string, got 1"),
    ("system.run({'ls'}, {environment = {'A'}})", "run: environment: expected names as keys, got 1"),
    ("system.run({'ls'}, {directory = folder .. '/none'})", "run: cannot run ls: there is no folder FOLDER/none; make it first"),
    ("system.is_terminal(-1)", "is_terminal: descriptor: expected an integer in 0...65535, got -1"),
    ("system.sha256_file(folder .. '/none')", "sha256_file: cannot read FOLDER/none: No such file or directory; check the path"),
    ("system.temporary_name('/dev/null')", "temporary_name: cannot write /dev/null: it is no regular file; give the name of a file"),
  ]) func refuses(call: String, expected: String) throws {
    let message = try text("return select(2, pcall(function() return \(call) end))")
    #expect(message.hasPrefix("script.lua:1: " + expected.replacingOccurrences(of: "FOLDER", with: folder)))
    #expect(!message.contains("\n"))
  }
}
