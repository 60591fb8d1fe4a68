// The rows of an index in memory.

import CDistance

/// The vectors of an index, with their links where they belong to a graph.
///
/// Rows are numbered from 0. It knows no keys and checks no bounds: its owner does both.
final class VectorRows {
  /// What a row of codes needs besides them.
  struct Term {
    /// What one step of a code is worth.
    var step: Float
    /// The squared length of the vector that the codes stand for; 0 where products are computed.
    var addend: Float
  }

  let layout: RowLayout
  let metric: VectorMetric
  private(set) var capacity: Int
  private(set) var memory: RowMemory
  /// A ``Term`` for each row of int8 storage.
  private(set) var terms: RowMemory?
  /// The given components of int8 storage.
  private(set) var given: RowMemory?
  /// The same as the kernels want it.
  private(set) var table = cdistance_table()
  private(set) var givenTable = cdistance_table()

  init(layout: RowLayout, metric: VectorMetric, capacity: Int) throws(VectorError) {
    self.layout = layout
    self.metric = metric
    self.capacity = capacity
    memory = try RowMemory(byteCount: capacity * layout.stride)
    if layout.storage == .int8 {
      terms = try RowMemory(byteCount: capacity * MemoryLayout<Term>.stride)
      given = try RowMemory(byteCount: capacity * layout.givenComponents.stride)
    }
    setTables()
  }

  /// Takes memory that holds rows already.
  init(
    layout: RowLayout, metric: VectorMetric, rows: Int, memory: RowMemory, terms: RowMemory?,
    given: RowMemory?
  ) {
    self.layout = layout
    self.metric = metric
    capacity = rows
    self.memory = memory
    self.terms = terms
    self.given = given
    setTables()
  }

  /// The capacity after making room for more rows than there is room for.
  func capacity(for rows: Int) -> Int { min(max(rows, 2 * capacity, 64), VectorLimits.rows) }

  /// Makes room for more rows, at least doubling it.
  func reserve(_ rows: Int) throws(VectorError) {
    guard rows > capacity else { return }
    let wanted = capacity(for: rows)
    let memory = try memory.grown(to: wanted * layout.stride)
    let terms = try terms?.grown(to: wanted * MemoryLayout<Term>.stride)
    let given = try given?.grown(to: wanted * layout.givenComponents.stride)
    (self.memory, self.terms, self.given, capacity) = (memory, terms, given, wanted)
    setTables()
  }

  private func setTables() {
    table.vectors = UnsafePointer(
      (memory.base + layout.vectorOffset).assumingMemoryBound(to: UInt8.self))
    table.stride = layout.stride
    table.blocks = layout.blocks
    table.terms = terms.map { UnsafePointer($0.base.assumingMemoryBound(to: Float.self)) }
    guard let given else { return }
    let layout = layout.givenComponents
    givenTable.vectors = UnsafePointer(given.base.assumingMemoryBound(to: UInt8.self))
    givenTable.stride = layout.stride
    givenTable.blocks = layout.blocks
  }

  /// Where a row's vector begins.
  @inline(__always)
  func vector(_ row: Int) -> UnsafeMutableRawPointer {
    memory.base + (row &* layout.stride &+ layout.vectorOffset)
  }

  /// Where a row's links begin.
  @inline(__always)
  func links(_ row: Int) -> UnsafeMutablePointer<UInt32> {
    (memory.base + row &* layout.stride).assumingMemoryBound(to: UInt32.self)
  }

  /// The term of an int8 row.
  func term(_ row: Int) -> Term {
    terms?.base.assumingMemoryBound(to: Term.self)[row] ?? Term(step: 0, addend: 0)
  }

  /// Writes the vector that a query holds into a row.
  func write(_ query: QueryBuffer, to row: Int) {
    let target = vector(row)
    let components = query.components
    switch layout.storage {
    case .float32:
      let floats = target.assumingMemoryBound(to: Float.self)
      for place in 0..<layout.dimensions { floats[place] = components[place] }
    case .float16:
      let halves = target.assumingMemoryBound(to: UInt16.self)
      for place in 0..<layout.dimensions {
        halves[place] = HalfPrecision.bits(components[place])
      }
    case .int8: writeCodes(components, to: row)
    }
  }

  private func writeCodes(_ components: UnsafeMutableBufferPointer<Float>, to row: Int) {
    guard let terms, let given else { return }
    let code = RowCode(components: components, count: layout.dimensions)
    let target = vector(row).assumingMemoryBound(to: UInt8.self)
    var squares: Int64 = 0
    for place in 0..<layout.vectorBytes {
      let signed = place < layout.dimensions ? Int64(code.code(components[place])) : 0
      squares += signed * signed
      target[place] = UInt8(truncatingIfNeeded: signed + 128)
    }
    let isSquare = metric == .squaredEuclidean
    terms.base.assumingMemoryBound(to: Term.self)[row] = Term(
      step: code.step, addend: isSquare ? code.step * code.step * Float(squares) : 0)
    let floats = (given.base + row * layout.givenComponents.stride)
      .assumingMemoryBound(to: Float.self)
    for place in 0..<layout.dimensions { floats[place] = components[place] }
  }

  /// Copies a row of a table of the same layout, links and all, over one of this table.
  func copy(_ row: Int, of other: VectorRows, to target: Int) {
    func copy(_ part: RowMemory?, to own: RowMemory?, stride: Int) {
      guard let part, let own else { return }
      (own.base + target * stride).copyMemory(from: part.base + row * stride, byteCount: stride)
    }
    copy(other.memory, to: memory, stride: layout.stride)
    copy(other.terms, to: terms, stride: MemoryLayout<Term>.stride)
    copy(other.given, to: given, stride: layout.givenComponents.stride)
  }

  /// Computes the distances of listed rows, or without a list of the rows from `first` on.
  @inline(__always)
  func distances(
    _ kernel: cdistance_kernel, _ query: QueryBuffer, _ rows: UnsafePointer<UInt32>?, count: Int,
    into distances: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: table) { kernel(query.request, $0, rows, count, distances) }
  }

  /// Bytes of memory that hold a number of rows.
  func byteCount(rows: Int) -> Int {
    let codes = layout.storage == .int8
    let beside = codes ? MemoryLayout<Term>.stride + layout.givenComponents.stride : 0
    return rows * (layout.stride + beside)
  }
}

/// Numbers of half precision as the bits that rows hold.
enum HalfPrecision {
  /// The largest number of half precision.
  static let largest = Float(Float16.greatestFiniteMagnitude)

  /// The nearest number of half precision; what is too large becomes the largest.
  static func bits(_ number: Float) -> UInt16 {
    Float16(min(max(number, -largest), largest)).bitPattern
  }
}
