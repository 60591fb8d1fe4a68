// A query in the form that the kernels want.

import CDistance

/// The vector that rows are compared with: filled up, normalised for the cosine, and quantised
/// where rows are.
///
/// Each search and each builder has one of its own.
final class QueryBuffer {
  /// What the kernels are called with; its components point into this buffer or into a row.
  let request: UnsafeMutablePointer<cdistance_query>
  /// What ranking again is called with.
  let givenRequest: UnsafeMutablePointer<cdistance_query>
  private let layout: RowLayout
  private let metric: VectorMetric
  /// The components, filled up with zeros.
  let components: UnsafeMutableBufferPointer<Float>
  private let codes: UnsafeMutableRawBufferPointer

  init(layout: RowLayout, metric: VectorMetric) {
    self.layout = layout
    self.metric = metric
    let filled = max(layout.filledDimensions, layout.givenComponents.filledDimensions)
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: filled * MemoryLayout<Float>.size, alignment: 64)
    components = bytes.bindMemory(to: Float.self)
    components.initialize(repeating: 0)
    codes = .allocate(byteCount: (filled + 63) / 64 * 64, alignment: 64)
    codes.initializeMemory(as: UInt8.self, repeating: 0)
    request = .allocate(capacity: 1)
    request.initialize(to: cdistance_query())
    givenRequest = .allocate(capacity: 1)
    givenRequest.initialize(to: cdistance_query())
    givenRequest.pointee.components = UnsafeRawPointer(bytes.baseAddress)
  }

  deinit {
    components.deallocate()
    codes.deallocate()
    request.deallocate()
    givenRequest.deallocate()
  }

  /// Takes a vector from outside, if it is one that the index can hold.
  func load(_ vector: [Float]) throws(VectorError) {
    try vector.withUnsafeBufferPointer { (vector) throws(VectorError) in try load(vector) }
  }

  /// Takes a vector from outside, if it is one that the index can hold.
  func load(_ vector: UnsafeBufferPointer<Float>) throws(VectorError) {
    guard vector.count == layout.dimensions else {
      throw .dimensions(found: vector.count, expected: layout.dimensions)
    }
    let length = Self.squaredLength(vector)
    guard length.isFinite else { throw .notFinite(component: Self.firstBad(vector)) }
    var scale: Float = 1
    if metric == .cosine {
      guard length > 0 else { throw .zeroVector }
      scale = Float(1 / length.squareRoot())
      // The length of a vector of subnormal components has no reciprocal.
      guard scale.isFinite else { throw .zeroVector }
    }
    for place in 0..<vector.count { components[place] = vector[place] * scale }
    prepare()
  }

  /// Refuses the vector that was taken if rows of half precision cannot hold it.
  func checkRange() throws(VectorError) {
    guard layout.storage == .float16 else { return }
    let components = components.prefix(layout.dimensions)
    if let place = components.firstIndex(where: { abs($0) > HalfPrecision.largest }) {
      throw .beyondHalfPrecision(component: place)
    }
  }

  /// Takes a row of a table; float32 rows are used where they stand.
  func load(row: Int, of rows: VectorRows) {
    let vector = rows.vector(row)
    switch layout.storage {
    case .float32: request.pointee.components = UnsafeRawPointer(vector)
    case .float16:
      if let base = components.baseAddress {
        DistanceKernels.best.widen(vector, blocks: layout.blocks, into: base)
        request.pointee.components = UnsafeRawPointer(base)
      }
    case .int8:
      let words = vector.assumingMemoryBound(to: UInt64.self)
      let target = codes.assumingMemoryBound(to: UInt64.self)
      for place in 0..<layout.vectorBytes / 8 {
        target[place] = words[place] ^ 0x8080_8080_8080_8080
      }
      setCodes(step: rows.term(row).step)
    }
  }

  private func prepare() {
    guard layout.storage == .int8 else {
      request.pointee.components = UnsafeRawPointer(components.baseAddress)
      return
    }
    let code = RowCode(components: components, count: layout.dimensions)
    let target = codes.assumingMemoryBound(to: Int8.self)
    for place in 0..<layout.dimensions { target[place] = code.code(components[place]) }
    setCodes(step: code.step)
  }

  private func setCodes(step: Float) {
    let signed = codes.assumingMemoryBound(to: Int8.self)
    var sum: Int32 = 0
    for code in signed { sum &+= Int32(code) }
    request.pointee.components = UnsafeRawPointer(codes.baseAddress)
    request.pointee.code_sum = sum
    let isSquare = metric == .squaredEuclidean
    request.pointee.factor = isSquare ? -2 * step : -step
    // The kernels add the row's squared length; the query's own makes the distance whole.
    var squares: Int64 = 0
    if isSquare { for code in signed { squares += Int64(code) * Int64(code) } }
    request.pointee.addend = isSquare ? step * step * Float(squares) : 0
  }

  /// The sum of squares in double precision: infinite or NaN when a component is, and too large for
  /// single precision counts as infinite.
  private static func squaredLength(_ vector: UnsafeBufferPointer<Float>) -> Double {
    var sums = SIMD8<Double>.zero
    var place = 0
    while place + 8 <= vector.count {
      var lanes = SIMD8<Float>.zero
      for lane in 0..<8 { lanes[lane] = vector[place + lane] }
      let wide = SIMD8<Double>(lanes)
      sums += wide * wide
      place += 8
    }
    var sum = sums.sum()
    while place < vector.count {
      sum += Double(vector[place]) * Double(vector[place])
      place += 1
    }
    return sum <= Double(Float.greatestFiniteMagnitude) / 4 ? sum : .infinity
  }

  private static func firstBad(_ vector: UnsafeBufferPointer<Float>) -> Int {
    vector.firstIndex { !$0.isFinite }
      ?? vector.indices.max { abs(vector[$0]) < abs(vector[$1]) } ?? 0
  }
}

/// How the components of one vector become codes of one byte: equal steps from −127 to 127.
struct RowCode {
  /// What one step is worth; 0 for a vector of zeros.
  let step: Float
  private let scale: Float

  init(components: UnsafeMutableBufferPointer<Float>, count: Int) {
    var largest: Float = 0
    for place in 0..<count { largest = max(largest, abs(components[place])) }
    let step = largest / 127
    let scale = 127 / largest
    // A vector whose step has no reciprocal is one of zeros, as far as codes can tell.
    self.step = scale.isFinite ? step : 0
    self.scale = scale.isFinite ? scale : 0
  }

  @inline(__always)
  func code(_ component: Float) -> Int8 {
    Int8(truncatingIfNeeded: Int32((component * scale).rounded(.toNearestOrEven)))
  }
}
