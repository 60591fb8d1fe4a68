// The header of a `.npy` file: a Python dictionary with three keys.

/// What the header says of an array.
struct NPYHeader: Hashable {
  private(set) var typeName = ""
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []
  private var rest: ArraySlice<UInt8>

  /// Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`, its keys in any order.
  init(_ text: ArraySlice<UInt8>) throws(NPYArray.ArrayProblem) {
    rest = text
    var seen: Set<String> = []
    try take("{")
    while !has("}") {
      let key = try string()
      guard seen.insert(key).inserted else { throw Self.problem("the key '\(key)' twice") }
      try take(":")
      switch key {
      case "descr": typeName = try string()
      case "fortran_order": isFortranOrder = try flag()
      case "shape": shape = try sizes()
      default: throw Self.problem("the unknown key '\(key)'")
      }
      if !has(",") { break }
      try take(",")
    }
    try take("}")
    skipSpace()
    guard rest.isEmpty else { throw Self.problem("something behind its end") }
    guard seen.count == 3 else { throw Self.problem("not all of descr, fortran_order and shape") }
    rest = []
  }

  private static func problem(_ what: String) -> NPYArray.ArrayProblem {
    NPYArray.ArrayProblem(reason: "its header has \(what)")
  }

  private mutating func skipSpace() { rest = rest.drop { $0 == 0x20 || $0 == 0x0a } }

  private mutating func has(_ sign: Unicode.Scalar) -> Bool {
    skipSpace()
    return rest.first == UInt8(ascii: sign)
  }

  private mutating func take(_ sign: Unicode.Scalar) throws(NPYArray.ArrayProblem) {
    guard has(sign) else { throw Self.problem("no '\(sign)' where one belongs") }
    rest.removeFirst()
  }

  private mutating func string() throws(NPYArray.ArrayProblem) -> String {
    let quote: Unicode.Scalar = has("\"") ? "\"" : "'"
    try take(quote)
    let content = rest.prefix { $0 != UInt8(ascii: quote) }
    rest = rest[content.endIndex...]
    try take(quote)
    guard content.count <= 80, content.allSatisfy({ (0x20...0x7e).contains($0) }) else {
      throw Self.problem("a text that is too long or not ASCII")
    }
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func flag() throws(NPYArray.ArrayProblem) -> Bool {
    skipSpace()
    let word = rest.prefix { (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) }
    rest = rest[word.endIndex...]
    switch String(decoding: word, as: UTF8.self) {
    case "True": return true
    case "False": return false
    default: throw Self.problem("neither True nor False as fortran_order")
    }
  }

  private mutating func sizes() throws(NPYArray.ArrayProblem) -> [Int] {
    var sizes: [Int] = []
    try take("(")
    while !has(")") {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard let size = Int(String(decoding: digits, as: UTF8.self)), sizes.count < 32 else {
        throw Self.problem("a shape that is no list of sizes")
      }
      sizes.append(size)
      rest = rest[digits.endIndex...]
      if !has(",") { break }
      try take(",")
    }
    try take(")")
    return sizes
  }
}
