/// Opens every native library of jetlua in the host, as modules `jetlua.core.NAME`.
extension LuaHost {
  /// Opens them all; throws where two declare the same class or memory runs out.
  public func openLibraries() throws {
    let openers: [(LuaHost) -> () throws -> Void] = [
      LuaHost.openSystemLibrary,
      LuaHost.openProcessesLibrary,
      LuaHost.openTensorLibrary,
      LuaHost.openFilesLibrary,
      LuaHost.openAutogradLibrary,
      LuaHost.openJetsLibrary,
      LuaHost.openMetricsLibrary,
      LuaHost.openNNLibrary,
      LuaHost.openOptimLibrary,
      LuaHost.openModelsLibrary,
      LuaHost.openParallelLibrary,
      LuaHost.openVersionsLibrary,
      LuaHost.openRandomStateLibrary,
      LuaHost.openZipLibrary,
      LuaHost.openDocumentationLibrary,
      LuaHost.openProfileLibrary,
    ]
    for open in openers { try open(self)() }
  }
}
