/// Opens every native library of jetlua in the host, as modules `jetlua.core.NAME`.
extension LuaHost {
  public func openLibraries() throws {
    let openers: [(LuaHost) -> () throws -> Void] = [
      LuaHost.openSystemLibrary,
      LuaHost.openTensorLibrary,
      LuaHost.openFilesLibrary,
      LuaHost.openAutogradLibrary,
      LuaHost.openJetsLibrary,
      LuaHost.openMetricsLibrary,
      LuaHost.openNNLibrary,
      LuaHost.openOptimLibrary,
      LuaHost.openModelsLibrary,
      LuaHost.openVersionsLibrary,
    ]
    for open in openers { try open(self)() }
  }
}
