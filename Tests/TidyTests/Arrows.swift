// Which target may build on which: the table, and the rules that hold the package and the imports
// to it. Arrows point down only.
import Foundation

/// The allowed edges between targets, and to the packages from outside.
enum Arrows {
  private static let ground: Set<String> = [
    "LabCore", "Journal", "ArrayFiles", "Statistics", "Network", "LinearAlgebra",
  ]
  private static let system: Set<String> = [
    "CAllocator", "CDistance", "CGSL", "CGnuTLS", "CLinearAlgebra", "CNgtcp2", "CNgtcp2Crypto",
    "CTLS", "CTunnel",
  ]
  private static let laboratory: Set<String> = [
    "LabManifest", "LabRecord", "LabRunner", "LabGate", "LabReport",
  ]
  private static let subjects: Set<String> = [
    "Transport", "Events", "VectorSearch", "Corpus", "Embedding", "Learning",
  ]
  private static let worlds: Set<String> = ["Simulation", "Sockets", "Emulation"]

  /// Instances that several tests try the worlds with.
  private static let trials: Set<String> = ["TrialInstances"]
  /// Programs that tests start.
  private static let fixtures: Set<String> = ["LargeRecord", "TrialWorker", "Trajectory"]

  /// For each target, the targets that it may build on; a new target gets a row here first.
  static let targets: [String: Set<String>] = [
    "CAllocator": [],
    "CDistance": [],
    "CGSL": [],
    "CLinearAlgebra": [],
    "CGnuTLS": [],
    "CNgtcp2": [],
    "CNgtcp2Crypto": [],
    "CTLS": ["CGnuTLS"],
    "CTunnel": [],
    "LabCore": [],
    "Journal": ["LabCore"],
    "ArrayFiles": ["LabCore", "Journal"],
    "Statistics": ["LabCore", "CGSL"],
    "Network": ["LabCore", "Statistics"],
    "LinearAlgebra": ["CLinearAlgebra"],

    "Transport": ["LabCore", "CGnuTLS", "CNgtcp2", "CNgtcp2Crypto", "CTLS"],
    "Events": ["LabCore", "Transport"],
    "VectorSearch": ["LabCore", "Journal", "CDistance"],
    "Corpus": ["LabCore"],
    "Embedding": ["LabCore", "Journal", "LinearAlgebra"],
    "Learning": ["LabCore", "Journal", "LinearAlgebra"],

    "Simulation": ground,
    "Sockets": ground,
    "Emulation": ground.union(["CTunnel"]),

    "LabManifest": ground,
    "LabRecord": ground.union(["LabManifest"]),
    "LabRunner": ground.union(["CAllocator", "LabManifest", "LabRecord"]),
    "LabGate": ground.union(["LabManifest", "LabRecord"]),
    "LabReport": ground.union(["LabManifest", "LabRecord", "LabRunner", "LabGate"]),

    "TrialInstances": ["LabCore"],
    "Trajectory": ["LabCore", "Statistics", "Network", "Simulation"],
    "TrialWorker": ground.union(["LabManifest", "LabRecord", "LabRunner"]),
    "LargeRecord": ground.union(["LabManifest", "LabRecord", "LabRunner", "Experiments"]),

    "Experiments": ground.union(laboratory).union(subjects).union(worlds),
    "fleetlab": ground.union(laboratory).union(subjects).union(worlds).union(["Experiments"]),
  ]

  /// For each product or module from outside, the targets that may use it; so may their tests.
  static let outside: [String: Set<String>] = [
    "ArgumentParser": ["fleetlab"],
    "Crypto": ["LabManifest", "LabRecord", "Corpus", "Embedding"],
    "DequeModule": ["Transport", "Experiments"],
    "HeapModule": ["Transport"],
    "NIO": ["Sockets"],
    "NIOConcurrencyHelpers": ["Sockets"],
    "NIOCore": ["Sockets"],
    "NIOEmbedded": ["Sockets"],
    "NIOFoundationCompat": ["Sockets"],
    "NIOHTTP1": ["Sockets"],
    "NIOPosix": ["Sockets"],
    "NIOSSL": ["Sockets"],
    "NIOTLS": ["Sockets"],
    "Yams": ["LabManifest"],
  ]

  /// The modules of the toolchain, open to all.
  private static let toolchain: Set<String> = [
    "Dispatch", "Foundation", "FoundationEssentials", "FoundationXML", "Glibc", "Swift",
    "Synchronization",
  ]

  /// The modules of the toolchain that only tests may use.
  private static let testing: Set<String> = ["Testing"]

  /// What the package manager says of the package, as far as the rules need it.
  struct Package: Decodable {
    struct Target: Decodable {
      let name: String
      let type: String
      let path: String
      let targets: [String]?
      let products: [String]?

      enum CodingKeys: String, CodingKey {
        case name, type, path
        case targets = "target_dependencies"
        case products = "product_dependencies"
      }
    }

    let targets: [Target]
  }

  /// The edges of the package that the table does not allow.
  static func findings(in package: Package) -> [Finding] {
    package.targets.flatMap { target -> [Finding] in
      let edges = (target.targets ?? []) + (target.products ?? [])
      guard target.type != "test" else {
        return (target.products ?? []).compactMap { edge(from: target.name, to: $0, isTest: true) }
      }
      guard targets[target.name] != nil else {
        let row = "a row for it in the table of arrows, Tests/TidyTests/Arrows.swift"
        return [Finding("Package.swift", 1, "target '\(target.name)' is new", expected: row)]
      }
      return edges.compactMap { edge(from: target.name, to: $0, isTest: false) }
        + (wing(of: target).map { [$0] } ?? [])
    }
  }

  /// The imports of a file that the table does not allow.
  ///
  /// The file's target is the folder after the wing (`Sources/Ground/LabCore/…`), the one after
  /// Sources, Tests or Tests/Fixtures, for tests without its last word.
  static func findings(in file: SwiftText) -> [Finding] {
    let folders = file.path.split(separator: "/").dropLast().map(String.init)
    let isTest = folders.first == "Tests"
    guard let target = targetName(of: folders) else {
      let place = "Sources/<Wing>/<Target>/ or Tests/<Target>Tests/"
      return [Finding(file.path, 1, "the file belongs to no known target", expected: place)]
    }
    return imports(of: file).compactMap { module, line in
      if toolchain.contains(module) || (isTest && testing.contains(module)) { return nil }
      if isTest && targets[module] != nil && !system.contains(module) { return nil }
      if targets[target]?.contains(module) == true { return nil }
      if outside[module]?.contains(target) == true { return nil }
      let allowed = (targets[target] ?? []).union(outside.filter { $1.contains(target) }.keys)
      return Finding(
        file.path, line, "\(target) imports \(module)",
        expected: "only \(list(allowed)) and the toolchain's modules")
    }
  }

  private static func edge(from target: String, to name: String, isTest: Bool) -> Finding? {
    let owner = isTest && target.hasSuffix("Tests") ? String(target.dropLast(5)) : target
    if targets[owner]?.contains(name) == true { return nil }
    if outside[name]?.contains(owner) == true { return nil }
    return Finding(
      "Package.swift", 1, "target '\(target)' depends on '\(name)'",
      expected: outside[name].map { "that only of \(list($0))" }
        ?? "only \(list(targets[owner] ?? []))")
  }

  /// A target stands in the folder of its wing.
  private static func wing(of target: Package.Target) -> Finding? {
    let wings: [(String, Set<String>)] = [
      ("Sources/Ground/", ground), ("Sources/System/", system), ("Sources/Subjects/", subjects),
      ("Sources/Worlds/", worlds), ("Sources/Laboratory/", laboratory),
      ("Tests/", trials), ("Tests/Fixtures/", fixtures),
    ]
    let wing = wings.first { $0.1.contains(target.name) }?.0 ?? "Sources/"
    guard target.path != wing + target.name else { return nil }
    return Finding(
      "Package.swift", 1, "target '\(target.name)' stands in \(target.path)",
      expected: wing + target.name)
  }

  private static func targetName(of folders: [String]) -> String? {
    if folders.first == "Tests", folders.count > 1, folders[1].hasSuffix("Tests") {
      return String(folders[1].dropLast(5))
    }
    guard folders.first == "Sources" || folders.first == "Tests" else { return nil }
    return folders.dropFirst().prefix(2).first { targets[$0] != nil }
  }

  private static func imports(of file: SwiftText) -> [(module: String, line: Int)] {
    file.code.enumerated().compactMap { index, line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"),
        words[..<place].allSatisfy({ accessWords.contains(String($0)) || $0.hasPrefix("@") })
      else { return nil }
      let named = words[(place + 1)...].first { !kinds.contains(String($0)) }
      return named.map { (String($0.prefix { $0.isWordPart }), index + 1) }
    }
  }

  private static let accessWords: Set<String> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
  private static let kinds: Set<String> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "var", "let",
  ]

  private static func list(_ names: Set<String>) -> String {
    names.isEmpty ? "none" : names.sorted().joined(separator: ", ")
  }
}
