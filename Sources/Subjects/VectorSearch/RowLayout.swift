// Where the parts of a row stand.

/// The form of a row in memory: its links, if it belongs to a graph, then its vector.
///
/// Both are filled up to whole cache lines of 64 bytes, so that no line is shared and a vector
/// needs no second path for its last components.
struct RowLayout: Hashable, Sendable {
  let dimensions: Int
  let storage: VectorStorage
  /// The most links of a row, 0 where there is no graph.
  let linkLimit: Int
  /// Bytes before the vector.
  let vectorOffset: Int
  /// Bytes of the vector with its filling.
  let vectorBytes: Int

  /// Bytes from one row to the next.
  var stride: Int { vectorOffset + vectorBytes }
  /// What a kernel handles in one step: 16 components, or 64 codes.
  var blocks: Int {
    switch storage {
    case .float32: vectorBytes / 64
    case .float16: vectorBytes / 32
    case .int8: vectorBytes / 64
    }
  }
  /// The components with those that fill up the last line.
  var filledDimensions: Int { blocks * (storage == .int8 ? 64 : 16) }

  init(dimensions: Int, storage: VectorStorage, linkLimit: Int) {
    func lines(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
    self.dimensions = dimensions
    self.storage = storage
    self.linkLimit = linkLimit
    vectorOffset = lines(linkLimit * MemoryLayout<UInt32>.size)
    switch storage {
    case .float32: vectorBytes = lines(dimensions * 4)
    case .float16: vectorBytes = lines(dimensions * 2)
    case .int8: vectorBytes = lines(dimensions)
    }
  }

  /// The layout of the given components that are kept beside codes.
  var givenComponents: RowLayout {
    RowLayout(dimensions: dimensions, storage: .float32, linkLimit: 0)
  }
}
