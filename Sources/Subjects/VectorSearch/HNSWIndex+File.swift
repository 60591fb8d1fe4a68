// An index as a file.

import Journal
import LabCore

extension HNSWIndex {
  /// Replaces or makes the file of the index: whoever opens it finds the old index or the new one,
  /// also after a crash.
  ///
  /// Removed vectors are taken out of the graph first. Searches go on meanwhile, changes wait.
  /// - Throws: ``IndexFileError/Problem/unwritable(reason:)``; the old file is intact.
  public func save(to path: String) throws(IndexFileError) {
    func refusal(_ error: any Error) -> IndexFileError {
      IndexFileError(path: path, problem: .unwritable(reason: "\(error)"))
    }
    do throws(VectorError) {
      try changing { () throws(VectorError) in
        try compactNow()
        let pieces = IndexFilePieces(self)
        do throws(DiskError) { try AtomicFile.write(pieces: pieces, to: path) } catch {
          throw .notSaved(reason: "\(error)")
        }
      }
    } catch {
      if case .notSaved(let reason) = error {
        throw IndexFileError(path: path, problem: .unwritable(reason: reason))
      }
      throw refusal(error)
    }
  }

  /// Opens the file of an index without reading it: pages are read, and checked, when searches
  /// first touch them.
  ///
  /// The index cannot be changed. Where keys are stored they are read at once.
  /// - Throws: ``IndexFileError`` for a file whose header or directory is not as written.
  /// - Complexity: The number of pages, one for 64 KiB.
  public convenience init(mapping path: String) throws(IndexFileError) {
    let pages = try PageChecks(MappedFile(path))
    try self.init(pages, RowParts(mapping: pages), checks: pages)
  }

  /// Reads the file of an index into memory, with all checks; the index can be changed.
  ///
  /// - Throws: ``IndexFileError`` for a file that is not as written, or too large for the memory.
  public convenience init(loading path: String) throws(IndexFileError) {
    let pages = try PageChecks(MappedFile(path))
    try pages.checkAll()
    do throws(VectorError) {
      let parts = try RowParts(copying: pages)
      do throws(IndexFileError) { try self.init(pages, parts, checks: nil) } catch {
        throw .notSaved(reason: "\(error.problem)")
      }
    } catch {
      throw IndexFileError(path: path, problem: .unreadable(reason: "\(error)"))
    }
  }

  /// Checks every byte of the file of an index.
  ///
  /// - Returns: What the file holds.
  /// - Throws: ``IndexFileError`` for the first thing that is not as written.
  @discardableResult
  public static func verify(_ path: String) throws(IndexFileError) -> IndexFileHeader {
    let pages = try PageChecks(MappedFile(path))
    try pages.checkAll()
    _ = try keys(of: pages)
    return pages.header
  }

  /// Reads what the header of a file says, after checking it and the directory.
  public static func header(of path: String) throws(IndexFileError) -> IndexFileHeader {
    try PageChecks(MappedFile(path)).header
  }

  static func keys(of pages: PageChecks) throws(IndexFileError) -> KeyTable {
    guard pages.header.hasKeys else { return KeyTable(identity: pages.header.rows) }
    try pages.touchTables()
    let place = pages.layout[.keys]
    let bytes = pages.file.bytes(place.offset..<place.offset + place.byteCount)
    let keys = (0..<pages.header.rows).map {
      bytes.load(fromByteOffset: 8 * $0, as: UInt64.self)
    }
    guard let table = KeyTable(keys: keys, isUsed: { _ in true }) else {
      let problem = IndexFileError.Problem.damaged(part: IndexFileLayout.Part.keys.name)
      throw IndexFileError(path: pages.file.path, problem: problem)
    }
    return table
  }
}

/// The memories that a graph is made of.
struct RowParts {
  private var parts: [RowMemory?]

  subscript(part: IndexFileLayout.Part) -> RowMemory? { parts[part.rawValue] }

  /// The memories of a graph.
  init(_ graph: HNSWGraph) {
    parts = [
      graph.marks, graph.upperPlaces, graph.upperLinks, nil, graph.rows.terms, graph.rows.memory,
      graph.rows.given,
    ]
  }

  /// The parts of a file where they stand.
  init(mapping pages: PageChecks) {
    parts = IndexFileLayout.Part.allCases.map { part in
      let place = pages.layout[part]
      return pages.file.base.map {
        RowMemory(base: $0 + place.offset, byteCount: place.byteCount, owner: pages.file)
      }
    }
  }

  /// Copies of the parts of a file.
  init(copying pages: PageChecks) throws(VectorError) {
    let mapped = RowParts(mapping: pages)
    parts = []
    for part in mapped.parts { parts.append(try part?.grown(to: part?.byteCount ?? 0)) }
  }
}

/// The content of an index's file, page by page.
private struct IndexFilePieces: Sequence {
  private let layout: IndexFileLayout
  private let opening: Bytes
  private let parts: RowParts
  private let keys: [UInt64]?

  /// Takes an index that does not change until the last piece was made.
  init(_ index: HNSWIndex) {
    var header = IndexFileHeader(
      metric: index.metric, storage: index.storage, dimensions: index.dimensions,
      configuration: index.configuration, graph: index.graph)
    header.arrivals = index.arrivals
    keys = index.keys.keys
    header.hasKeys = keys != nil
    layout = IndexFileLayout(header)
    parts = RowParts(index.graph)
    var directory: [UInt8] = []
    for page in 0..<layout.pageCount {
      let content = Self.content(ofPage: page, layout, parts, keys)
      withUnsafeBytes(of: CRC32C.checksum(of: content)) { directory.append(contentsOf: $0) }
    }
    let filling = layout.directoryEnd - IndexFileHeader.size - directory.count
    directory += repeatElement(0, count: filling)
    header.directoryChecksum = CRC32C.checksum(of: Bytes(directory))
    opening = Bytes(header.encoded + directory)
  }

  func makeIterator() -> some IteratorProtocol<Bytes> {
    let (layout, parts, keys) = (layout, parts, keys)
    let pages = (0..<layout.pageCount).lazy.map {
      Self.content(ofPage: $0, layout, parts, keys)
    }
    return Chain(first: opening, rest: pages.makeIterator())
  }

  /// One element, then others.
  private struct Chain<Rest: IteratorProtocol<Bytes>>: IteratorProtocol {
    var first: Bytes?
    var rest: Rest

    mutating func next() -> Bytes? {
      defer { first = nil }
      return first ?? rest.next()
    }
  }

  private static func content(
    ofPage page: Int, _ layout: IndexFileLayout, _ parts: RowParts, _ keys: [UInt64]?
  ) -> Bytes {
    let (part, range) = layout.range(ofPage: page)
    let first = range.lowerBound - layout[part].offset
    func copied(_ source: UnsafeRawBufferPointer) -> Bytes {
      // The memory may end before the zeros that fill the last line do.
      let own = source[
        Swift.min(first, source.count)..<Swift.min(first + range.count, source.count)]
      return Bytes(Array(own) + repeatElement(0, count: range.count - own.count))
    }
    if part == .keys, let keys { return keys.withUnsafeBytes(copied) }
    guard let memory = parts[part] else { return .empty }
    return copied(UnsafeRawBufferPointer(start: memory.base, count: memory.byteCount))
  }
}
