// Histories from files.

import Foundation

extension TestHistory {
  /// Reads a history: a table of RETECS' form, a JUnit document, or a folder whose documents are
  /// cycles in the order of their names, in which `build-2` stands before `build-10`.
  ///
  /// - Throws: ``TestHistoryError``, with the place of the first thing that is wrong.
  /// - Complexity: O(bytes). A table is never held whole, a document is.
  public init(
    contentsOf path: String, limits: TestHistoryLimits = TestHistoryLimits()
  ) throws(TestHistoryError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .unreadable(path: path, reason: "there is no such file")
    }
    if !isFolder.boolValue {
      try self.init(files: [path], limits: limits)
      return
    }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw .unreadable(path: path, reason: "the folder cannot be listed: \(error)")
    }
    let documents = names.filter { $0.hasSuffix(".xml") }.sorted(by: NameOrder.precedes)
    guard !documents.isEmpty else { throw .nothing(path: path) }
    try self.init(files: documents.map { "\(path)/\($0)" }, limits: limits)
  }

  /// Reads several files: each JUnit document is a cycle, in the order given; tables say which
  /// cycle a run belongs to.
  ///
  /// A file that begins with `<` is a document.
  /// - Throws: ``TestHistoryError``.
  public init(
    files: [String], limits: TestHistoryLimits = TestHistoryLimits()
  ) throws(TestHistoryError) {
    guard let first = files.first else { throw .nothing(path: "") }
    let builder = TestHistoryBuilder()
    for (index, path) in files.enumerated() {
      try Self.read(path, cycle: index, limits: limits, adding: builder)
    }
    guard builder.count > 0 else { throw .nothing(path: first) }
    self = builder.finish()
  }

  private static func read(
    _ path: String, cycle: Int, limits: TestHistoryLimits, adding builder: TestHistoryBuilder
  ) throws(TestHistoryError) {
    var table: RetecsTable?
    var document: [UInt8]?
    try FileChunks.read(path) { bytes throws(TestHistoryError) in
      if table == nil && document == nil {
        let isDocument = bytes.first { $0 > 32 && ![0xef, 0xbb, 0xbf].contains($0) } == 60
        if isDocument {
          document = []
        } else {
          table = RetecsTable(path: path, limits: limits, adding: builder)
        }
      }
      try table?.take(bytes)
      guard document.map({ $0.count + bytes.count <= limits.documentBytes }) ?? true else {
        throw .malformed(
          path: path, line: 1, column: 1,
          message: "the document has more than \(limits.documentBytes) bytes; a JUnit report of "
            + "one cycle was expected; write a report for each cycle")
      }
      document? += bytes
    }
    if let document {
      try JUnitReport.read(
        document, path: path, limits: limits, cycle: cycle, adding: builder)
    } else {
      guard table != nil else { throw .nothing(path: path) }
      try table?.finish()
    }
  }
}
