// Finding manifests in a tree of folders.

import Foundation

/// What a list of manifests shows of one.
public struct ManifestEntry: Hashable, Sendable {
  /// The file.
  public var path: String
  /// The folder in which it lies, which is its family.
  public var family: String
  /// The name.
  public var id: String
  /// What lists call it.
  public var title: String
  /// The question in words.
  public var question: String
  /// The name of the experiment, which need not be known.
  public var experiment: String
  /// Words to find it by.
  public var tags: [String]
}

/// Folders of manifests, as a rule `Experiments/<family>/<id>.yaml`.
///
/// A file below a folder is a manifest when it lies in it or one folder down, ends in `.yaml`, and
/// has a `title` or a `question` at its top. Other YAML files may lie beside manifests and are
/// passed over, and so are files and folders whose names begin with a dot.
public enum ManifestFolder {
  /// The manifests below a folder with what they say of themselves, by path.
  ///
  /// - Throws: Files that cannot be read or are not YAML, heads that are wrong, and two manifests
  ///   of one name; the writer mends them.
  public static func entries(in folder: String) throws(ManifestProblems) -> [ManifestEntry] {
    var entries: [ManifestEntry] = []
    let log = ProblemLog()
    var names = UniqueNames(log: log)
    for path in try files(below: folder) {
      do throws(ManifestProblems) {
        let tree = try StrictYAML.tree(ofFile: path)
        guard isManifest(tree) else { continue }
        guard let entry = entry(tree, path: path, log: log) else { continue }
        names.add(entry.id, at: tree["id"]?.place ?? tree.place)
        entries.append(entry)
      } catch { error.diagnostics.forEach(log.report) }
    }
    try log.throwIfNotEmpty()
    return entries
  }

  /// The paths of the manifests below some paths, each once: files as they are, and all manifests
  /// below folders.
  ///
  /// A file below a folder that cannot be read as YAML counts as a manifest, so that whoever loads
  /// it meets its problems.
  /// - Throws: Paths that lead nowhere, and two manifests of one name.
  public static func manifests(below paths: [String]) throws(ManifestProblems) -> [String] {
    let log = ProblemLog()
    var names = UniqueNames(log: log)
    var found: [String] = []
    for path in paths {
      let isFolder = try isFolder(path)
      for file in isFolder ? try files(below: path) : [path] where !found.contains(file) {
        do throws(ManifestProblems) {
          let tree = try StrictYAML.tree(ofFile: file)
          guard isManifest(tree) || !isFolder else { continue }
          let place = tree["id"]?.place ?? tree.place
          names.add(tree["id"]?.text ?? fileName(of: file), at: place)
        } catch {}
        found.append(file)
      }
    }
    try log.throwIfNotEmpty()
    return found
  }

  /// Names that must differ, with the place of the first of each.
  private struct UniqueNames {
    let log: ProblemLog
    private var places: [String: SourcePlace] = [:]

    init(log: ProblemLog) { self.log = log }

    mutating func add(_ name: String, at place: SourcePlace) {
      guard let first = places[name] else {
        places[name] = place
        return
      }
      log.report(
        "manifest.duplicate-id", at: place,
        "the manifest '\(shortened(name))' is at \(first) already; names that differ were "
          + "expected; rename one")
    }
  }

  private static func isManifest(_ tree: YAMLTree) -> Bool {
    tree["title"] != nil || tree["question"] != nil
  }

  private static func entry(_ tree: YAMLTree, path: String, log: ProblemLog) -> ManifestEntry? {
    guard let header = ManifestHeader(tree, path: path, log: log) else { return nil }
    func text(_ key: String) -> String? {
      guard let value = tree[key] else {
        log.report(
          "manifest.missing-key", at: tree.place,
          "the key '\(key)' is missing; it is required here; add '\(key): …'")
        return nil
      }
      return StrictReader(value, log: log).text()
    }
    let (title, question) = (text("title"), text("question"))
    let tags = tree["tags"].map { StrictReader($0, log: log).list { $0.name() } } ?? []
    guard let title, let question, let tags else { return nil }
    let family = folder(of: path).split(separator: "/").last.map(String.init) ?? ""
    return ManifestEntry(
      path: path, family: family, id: header.id, title: title, question: question,
      experiment: header.experiment, tags: tags)
  }

  private static func isFolder(_ path: String) throws(ManifestProblems) -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ManifestProblems([
        Diagnostic(
          place: SourcePlace(path: path, line: 1, column: 1), code: "manifest.missing-file",
          message: "there is no file or folder '\(path)'; a manifest or a folder of manifests was "
            + "expected; check the path")
      ])
    }
    return isFolder.boolValue
  }

  private static func files(below root: String) throws(ManifestProblems) -> [String] {
    var files: [String] = []
    for name in try names(in: root) {
      let path = "\(root)/\(name)"
      if try isFolder(path) {
        files += try names(in: path).filter { $0.hasSuffix(".yaml") }.map { "\(path)/\($0)" }
      } else if name.hasSuffix(".yaml") {
        files.append(path)
      }
    }
    return files
  }

  private static func names(in folder: String) throws(ManifestProblems) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw ManifestProblems([
        Diagnostic(
          place: SourcePlace(path: folder, line: 1, column: 1), code: "manifest.unreadable-folder",
          message: "the folder cannot be read; a folder of manifests was expected; check the path")
      ])
    }
  }
}

extension ManifestLoader {
  /// The paths of the manifests below some paths; ``ManifestFolder/manifests(below:)``.
  public func manifests(below paths: [String]) throws(ManifestProblems) -> [String] {
    try ManifestFolder.manifests(below: paths)
  }
}
