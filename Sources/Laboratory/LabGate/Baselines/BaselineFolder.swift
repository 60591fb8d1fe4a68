// Where baselines lie, and which of them a run is judged against.

import Glibc
public import LabManifest
import LabRecord

/// The folder `<baselines>/<id>/baseline` of one experiment.
public struct BaselineFolder: Sendable {
  /// The path of the folder.
  public let path: String

  /// Names the folder of an experiment in a folder of baselines.
  public init(baselines: String, experiment: String) {
    path = "\(baselines)/\(experiment)/baseline"
  }

  /// The files of a size, or of all sizes, sorted by name; none when there is no folder.
  ///
  /// - Throws: ``BaselineError/unreadable(_:)`` when there is a folder that cannot be read.
  public func files(size: RunSize? = nil) throws(BaselineError) -> [String] {
    let sizes = size.map { [$0] } ?? RunSize.allCases
    return try names(in: path).filter { name in
      name.hasSuffix(".json") && sizes.contains { name.hasPrefix("\($0.rawValue)-") }
    }.map { "\(path)/\($0)" }
  }

  /// The path of the file of a class of machine.
  public func file(size: RunSize, exactness: [String: String]) -> String {
    "\(path)/\(Baseline.fileName(size: size, exactness: exactness))"
  }

  /// The folder of the events of a class of machine, one file for each cell and arm.
  public func events(size: RunSize, exactness: [String: String]) -> String {
    "\(path)/events/\(size.rawValue)-\(Baseline.machineClass(exactness))"
  }

  /// The baseline of a class of machine, or of the one that differs in the fewest keys.
  ///
  /// - Returns: `nil` when there is none of that size.
  /// - Throws: ``BaselineError`` for the first file that cannot be used.
  public func nearest(
    size: RunSize, exactness: [String: String]
  ) throws(BaselineError) -> Baseline? {
    let own = file(size: size, exactness: exactness)
    let files = try files(size: size)
    if files.contains(own) { return try checked(own, size) }
    var nearest: Baseline?
    for path in files {
      let baseline = try checked(path, size)
      let distance = baseline.differences(to: exactness).count
      if nearest.map({ distance < $0.differences(to: exactness).count }) ?? true {
        nearest = baseline
      }
    }
    return nearest
  }

  private func checked(_ path: String, _ size: RunSize) throws(BaselineError) -> Baseline {
    let baseline = try Baseline.load(path: path)
    let name = Baseline.fileName(size: baseline.size, exactness: baseline.exactness)
    guard path.hasSuffix("/\(name)"), baseline.size == size else {
      throw .damaged(path: path, reason: "the content belongs to a file named \(name)")
    }
    return baseline
  }

  /// Makes a folder below the one of the experiment, and those above it.
  ///
  /// - Throws: ``BaselineError/unwritable(path:reason:)``.
  static func make(_ path: String) throws(BaselineError) {
    var status = stat()
    if stat(path, &status) == 0 { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try make(String(path[..<slash]))
    }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
  }

  /// The names in a folder, sorted; none when there is no such folder.
  static func names(in folder: String) throws(BaselineError) -> [String] {
    guard let stream = opendir(folder) else {
      guard errno == ENOENT || errno == ENOTDIR else {
        let reason = String(cString: strerror(errno))
        throw .unreadable(RecordError(path: folder, .unreadable(reason: reason)))
      }
      return []
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private func names(in folder: String) throws(BaselineError) -> [String] {
    try Self.names(in: folder)
  }
}
