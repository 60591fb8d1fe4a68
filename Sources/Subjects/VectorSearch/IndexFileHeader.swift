// The first bytes of the file of an index.

import Journal

/// What an index's file begins with; the directory of pages follows it, and then the pages.
///
/// | bytes | field |
/// | --- | --- |
/// | 8 | the letters `FLEETVEC` |
/// | 4 | the number 0x01020304, which shows the byte order of all that follows |
/// | 4 | version of the form |
/// | 4 × 4 | metric, storage, dimensions, connectivity |
/// | 4 × 4 | build breadth, search breadth, entry, keys |
/// | 8 × 4 | seed, rows, arrivals, lists above level 0 |
/// | 4 | CRC-32C of the directory and its filling |
/// | 4 | CRC-32C of the bytes above |
public struct IndexFileHeader: Hashable, Sendable {
  /// The version that is written, and the only one that is read.
  public static let version: UInt32 = 1
  static let size = 88
  private static let letters = Array("FLEETVEC".utf8)
  private static let order: UInt32 = 0x0102_0304

  /// What searches rank by.
  public var metric: VectorMetric
  /// In which form the vectors are kept.
  public var storage: VectorStorage
  /// The number of components of each vector.
  public var dimensions: Int
  /// How the graph was built and is searched.
  public var configuration: HNSWConfiguration
  /// The number of vectors.
  public var rows: Int
  /// Whether keys are stored; otherwise each row's key is its number.
  public var hasKeys: Bool
  var entry: UInt32
  var arrivals: Int
  var upperLists: Int
  var directoryChecksum: UInt32 = 0

  /// The bytes as they stand in the file.
  var encoded: [UInt8] {
    var bytes = Self.letters
    func append(_ number: some FixedWidthInteger) {
      withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }
    append(Self.order)
    append(Self.version)
    append(UInt32(VectorMetric.allCases.firstIndex(of: metric) ?? 0))
    append(UInt32(VectorStorage.allCases.firstIndex(of: storage) ?? 0))
    append(UInt32(dimensions))
    append(UInt32(configuration.connectivity))
    append(UInt32(configuration.buildBreadth))
    append(UInt32(configuration.searchBreadth))
    append(entry)
    append(UInt32(hasKeys ? 1 : 0))
    append(configuration.seed)
    append(UInt64(rows))
    append(UInt64(arrivals))
    append(UInt64(upperLists))
    append(directoryChecksum)
    append(bytes.withUnsafeBytes { Self.checksum($0) })
    return bytes
  }

  init(
    metric: VectorMetric, storage: VectorStorage, dimensions: Int,
    configuration: HNSWConfiguration, graph: HNSWGraph
  ) {
    self.metric = metric
    self.storage = storage
    self.dimensions = dimensions
    self.configuration = configuration
    rows = graph.count
    hasKeys = false
    entry = graph.entry ?? HNSWGraph.noRow
    arrivals = 0
    upperLists = graph.upperListCount
  }

  /// Reads the header of a file, and believes nothing that its checksum does not cover.
  init(_ file: MappedFile) throws(IndexFileError) {
    func problem(_ problem: IndexFileError.Problem) -> IndexFileError {
      IndexFileError(path: file.path, problem: problem)
    }
    let damaged = problem(.damaged(part: "header"))
    let letters = file.bytes(0..<min(Self.letters.count, file.byteCount))
    guard letters.elementsEqual(Self.letters) else { throw problem(.notAnIndex) }
    guard file.byteCount >= Self.size else {
      throw problem(.wrongSize(found: file.byteCount, expected: Self.size))
    }
    let bytes = file.bytes(0..<Self.size)
    func word(_ offset: Int) -> UInt32 { bytes.load(fromByteOffset: offset, as: UInt32.self) }
    func long(_ offset: Int) -> Int? {
      Int(exactly: bytes.load(fromByteOffset: offset, as: UInt64.self))
    }
    guard word(8) != Self.order.byteSwapped else { throw problem(.otherByteOrder) }
    guard word(8) == Self.order else { throw damaged }
    guard word(12) == Self.version else { throw problem(.unknownVersion(word(12))) }
    guard word(84) == Self.checksum(file.bytes(0..<84)) else { throw damaged }
    let (metrics, storages) = (VectorMetric.allCases, VectorStorage.allCases)
    guard word(16) < metrics.count, word(20) < storages.count, word(44) <= 1,
      let rows = long(56), let arrivals = long(64), let lists = long(72),
      rows <= VectorLimits.rows, lists <= rows * HNSWGraph.highestLevel
    else { throw damaged }
    metric = metrics[Int(word(16))]
    storage = storages[Int(word(20))]
    dimensions = Int(word(24))
    configuration = HNSWConfiguration(
      connectivity: Int(word(28)), buildBreadth: Int(word(32)), searchBreadth: Int(word(36)),
      seed: bytes.load(fromByteOffset: 48, as: UInt64.self))
    entry = word(40)
    hasKeys = word(44) == 1
    (self.rows, self.arrivals, upperLists) = (rows, arrivals, lists)
    directoryChecksum = word(80)
    do { try configuration.validate() } catch { throw damaged }
    let isEntryRight = rows == 0 ? entry == HNSWGraph.noRow : entry < rows
    guard (1...VectorLimits.dimensions).contains(dimensions), isEntryRight else { throw damaged }
  }

  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var check = CRC32C()
    check.update(bytes)
    return check.checksum
  }
}
