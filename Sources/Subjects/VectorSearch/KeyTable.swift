// Which row holds the vector of which key.

/// The keys of rows, and the rows of keys.
///
/// As long as every row's key is its number, nothing is stored.
struct KeyTable {
  /// The key of each row; `nil` while each row's key is its number.
  private(set) var keys: [UInt64]?
  private var rows: [UInt64: UInt32] = [:]
  /// The number of rows, with those that are not in use.
  private(set) var count = 0

  /// A table without rows.
  init() {}

  /// A table of rows whose keys are their numbers.
  init(identity count: Int) { self.count = count }

  /// A table of rows with keys.
  ///
  /// - Parameter isUsed: Whether a row's key can be looked up.
  /// - Returns: `nil` when two used rows have one key.
  init?(keys: [UInt64], isUsed: (Int) -> Bool) {
    self.keys = keys
    count = keys.count
    rows.reserveCapacity(count)
    for (row, key) in keys.enumerated() where isUsed(row) {
      guard rows.updateValue(UInt32(row), forKey: key) == nil else { return nil }
    }
  }

  /// The key of a row.
  @inline(__always)
  func key(of row: Int) -> UInt64 { keys?[row] ?? UInt64(row) }

  /// The row of a key that is in use.
  func row(of key: UInt64) -> Int? {
    guard keys != nil else { return key < UInt64(count) ? Int(key) : nil }
    return rows[key].map(Int.init)
  }

  /// Gives a row a key; the row is the next new one, or one that is not in use.
  mutating func set(_ key: UInt64, of row: Int) {
    if keys == nil {
      guard key != UInt64(row) || row != count else {
        count += 1
        return
      }
      store()
    }
    if row == count {
      keys?.append(key)
      count += 1
    } else {
      keys?[row] = key
    }
    rows[key] = UInt32(row)
  }

  /// Forgets the row of a key.
  mutating func remove(_ key: UInt64) {
    if keys == nil { store() }
    rows[key] = nil
  }

  /// Takes the last row out of the table.
  mutating func removeLastRow() {
    count -= 1
    keys?.removeLast()
  }

  private mutating func store() {
    keys = (0..<UInt64(count)).map { $0 }
    rows.reserveCapacity(count)
    for row in 0..<count { rows[UInt64(row)] = UInt32(row) }
  }
}
