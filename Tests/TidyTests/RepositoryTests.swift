// The checkout keeps the house's rules; each finding names a line and what was expected there.
import Foundation
import Testing

@Suite struct `the checkout` {
  /// Fails with one line for each finding.
  private func expectNone(
    _ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard !findings.isEmpty else { return }
    let list = findings.map(\.description).joined(separator: "\n")
    Issue.record("\(findings.count) findings\n\(list)", sourceLocation: sourceLocation)
  }

  @Test func `targets depend only on what lies below them`() throws {
    let description = Repository.root.appending(path: ".build/package.json")
    let manifest = Repository.root.appending(path: "Package.swift")
    let make = """
      run Scripts/test, or: \
      swift package describe --type json > package.json && mv package.json .build/
      """
    let data = try #require(
      try? Data(contentsOf: description), "there is no .build/package.json; \(make)")
    let made = try modificationDate(of: description)
    let changed = try modificationDate(of: manifest)
    try #require(made >= changed, ".build/package.json is older than Package.swift; \(make)")
    expectNone(Arrows.findings(in: try JSONDecoder().decode(Arrows.Package.self, from: data)))
  }

  @Test func `sources import only what lies below them`() throws {
    expectNone(try Repository.load().swift().flatMap { Arrows.findings(in: $0) })
  }

  @Test func `files, lines and functions are small and files have telling names`() throws {
    let repository = try Repository.load()
    let others = repository.paths.filter { !$0.hasSuffix(".swift") }
    let code = try others.flatMap { path in
      Sizes.findings(inCode: try Repository.readable(path) ?? "", path: path)
    }
    let swift = repository.swift().flatMap(Sizes.findings(in:))
    expectNone(swift + others.flatMap(Sizes.names) + code)
  }

  @Test func `cores call no clock, no global randomness, no output, no task and no sleep`() throws {
    let cores = try Repository.load().swift(under: BannedCalls.coreFolders)
    expectNone(cores.flatMap { BannedCalls.findings(in: $0, BannedCalls.inCores) })
  }

  @Test func `tests neither sleep nor read the wall clock`() throws {
    let tests = try Repository.load().swift(under: ["Tests/"]).filter { file in
      !BannedCalls.realTimeTests.contains { file.path.hasPrefix($0) }
    }
    expectNone(tests.flatMap { BannedCalls.findings(in: $0, BannedCalls.inTests) })
  }

  @Test func `public declarations have doc comments that say more than their names`() throws {
    let sources = try Repository.load().swift(under: ["Sources/"])
    expectNone(Documentation(sources).findings())
  }

  @Test func `links in Markdown lead to files and headings`() throws {
    let repository = try Repository.load()
    // A page that a test compares with stands alone, without what its links name.
    let isPage = { (path: String) in path.hasSuffix(".md") && !path.contains("/Fixtures/") }
    let pages = try repository.paths.filter(isPage).map { ($0, try Repository.text($0)) }
    let links = Links(
      pages: Dictionary(uniqueKeysWithValues: pages), paths: Set(repository.paths))
    expectNone(links.findings())
  }

  @Test func `the root has only the entries that a reader expects`() throws {
    let paths = try Repository.load().paths
    expectNone(Layout.topLevel(paths) + Layout.documents(Set(paths)))
  }

  @Test func `files are small enough for the history and scripts can be run`() throws {
    let files = try Repository.load().paths.map(file(at:))
    expectNone(Layout.blobs(files) + Layout.scripts(files))
  }

  @Test func `no text is unfinished or names a path of one machine`() throws {
    let repository = try Repository.load()
    let texts = repository.paths.filter { !$0.hasSuffix(".csv") }
    expectNone(
      try texts.flatMap { path -> [Finding] in
        guard let text = try Repository.readable(path) else { return [] }
        return Words.unfinished(in: text, path: path) + Words.machinePaths(in: text, path: path)
      })
  }

  @Test func `no comment is code`() throws {
    expectNone(try Repository.load().swift().flatMap(Words.commentedCode(in:)))
  }

  @Test func `the changelog says what is unreleased`() throws {
    expectNone(Layout.changelog(try Repository.text("CHANGELOG.md")))
  }

  @Test func `the README names each dependency`() throws {
    expectNone(
      Layout.dependencies(
        of: try Repository.text("Package.swift"), readme: try Repository.text("README.md")))
  }

  private func modificationDate(of file: URL) throws -> Date {
    let values = try FileManager.default.attributesOfItem(atPath: file.path)
    return try #require(values[.modificationDate] as? Date)
  }

  private func file(at path: String) throws -> Layout.File {
    let place = Repository.root.appending(path: path)
    let values = try FileManager.default.attributesOfItem(atPath: place.path)
    let bytes = try #require(values[.size] as? Int)
    let permissions = try #require(values[.posixPermissions] as? Int)
    let opening = bytes < Layout.blobBytes ? try Repository.readable(path) ?? "" : ""
    return Layout.File(
      path: path, bytes: bytes, isExecutable: permissions & 0o111 != 0, opening: opening)
  }
}
