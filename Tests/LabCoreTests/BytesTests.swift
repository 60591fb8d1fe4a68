// Runs of bytes, and the reader and writer of messages.
import LabCore
import Testing

@Suite struct `Runs of bytes` {
  @Test func `slices of slices are the bytes they name`() {
    var random = Seed(1).stream()
    let array = (0..<200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for _ in 0..<2_000 {
      let start = random.below(201)
      let end = start + random.below(201 - start)
      let slice = Bytes(array).slice(start..<end)
      #expect(slice.array == Array(array[start..<end]))
      #expect(slice.count == end - start && slice.length == UInt32(end - start))
      let inner = random.below(slice.count + 1)
      #expect(slice.slice(inner..<slice.count).array == Array(array[start + inner..<end]))
      #expect(slice.withUnsafeBytes { Array($0) } == slice.array)
    }
  }

  @Test func `equality and hash are those of the content, not of the storage`() {
    let whole = Bytes([9, 1, 2, 3, 9])
    #expect(whole.slice(1..<4) == Bytes([1, 2, 3]))
    #expect(Set([whole.slice(1..<4), Bytes([1, 2, 3])]).count == 1)
    #expect(whole.slice(1..<4) != Bytes([1, 2]))
    #expect(whole.slice(2..<2) == .empty && Bytes([UInt8]()).isEmpty)
    #expect(whole.slice(0..<5).array == [9, 1, 2, 3, 9])
  }

  @Test func `slicing shares memory`() {
    let whole = Bytes([UInt8](repeating: 7, count: 1_000))
    let base = whole.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    let part = whole.slice(100..<200).withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    #expect(part == base + 100)
  }

  @Test func `an error of the body comes out`() {
    struct Refusal: Error, Equatable {}
    #expect(throws: Refusal()) {
      try Bytes([1]).withUnsafeBytes { _ throws(Refusal) in throw Refusal() }
    }
  }

  @Test func `the description shows the length and the beginning`() {
    #expect(Bytes([0, 15, 255]).description == "3 B <000fff>")
    #expect(Bytes(Array(0..<9)).description == "9 B <0001020304050607…>")
    #expect(Bytes.empty.description == "0 B <>")
  }

  @Test func `a byte beyond the end of a slice traps although the storage goes on`() async {
    await #expect(processExitsWith: .failure) {
      let slice = Bytes([1, 2, 3, 4]).slice(1..<3)
      #expect(slice[2] == 4)
    }
    await #expect(processExitsWith: .failure) {
      let slice = Bytes([1, 2, 3, 4]).slice(1..<3)
      #expect(slice.slice(0..<3).count == 3)
    }
  }
}

@Suite struct `Readers and writers` {
  @Test func `what is written is read back`() {
    var random = Seed(2).stream()
    for _ in 0..<500 {
      let (a, b, c) = (
        random.next(), Int32(truncatingIfNeeded: random.next()), UInt8(random.below(256))
      )
      let run = Bytes((0..<random.below(40)).map { UInt8($0) })
      var writer = ByteWriter()
      writer.write(a)
      writer.write(counted: run)
      writer.write(b)
      writer.write(raw: run)
      writer.write(c)
      var reader = ByteReader(writer.finish())
      #expect(reader.read(UInt64.self) == a)
      #expect(reader.readCounted() == run)
      #expect(reader.read(Int32.self) == b)
      #expect(reader.read(count: run.count) == run)
      #expect(reader.read(UInt8.self) == c)
      #expect(reader.remaining == 0 && reader.read(UInt8.self) == nil)
    }
  }

  @Test func `integers are in network order`() {
    var writer = ByteWriter()
    writer.write(0x0102_0304 as UInt32)
    writer.write(-2 as Int16)
    #expect(writer.finish().array == [1, 2, 3, 4, 0xff, 0xfe])
  }

  /// Reads random things until one is refused, and checks every answer against the array.
  private func misreadings(_ array: [UInt8], _ random: inout RandomStream) -> Int {
    var (reader, place, wrong) = (ByteReader(Bytes(array)), 0, 0)
    func integer(_ width: Int) -> UInt64? {
      guard array.count - place >= width else { return nil }
      return array[place..<place + width].reduce(0) { $0 << 8 | UInt64($1) }
    }
    for _ in 0..<6 {
      switch random.below(4) {
      case 0:
        let expected = integer(1)
        if reader.read(UInt8.self).map(UInt64.init) != expected { wrong += 1 }
        if expected != nil { place += 1 }
      case 1:
        let expected = integer(8)
        if reader.read(UInt64.self) != expected { wrong += 1 }
        if expected != nil { place += 8 }
      case 2:
        let count = random.below(24) - 4
        let fits = count >= 0 && count <= array.count - place
        let expected = fits ? Array(array[place..<place + count]) : nil
        if reader.read(count: count)?.array != expected { wrong += 1 }
        if fits { place += count }
      default:
        guard let length = integer(4) else {
          if reader.readCounted() != nil { wrong += 1 }
          continue
        }
        place += 4
        let fits = length <= array.count - place
        let expected = fits ? Array(array[place..<place + Int(length)]) : nil
        if reader.readCounted()?.array != expected { wrong += 1 }
        if fits { place += Int(length) }
      }
      if reader.remaining != array.count - place { wrong += 1 }
    }
    return wrong
  }

  @Test func `nothing is read beyond the end in a hundred thousand random inputs`() {
    var random = Seed(3).stream()
    var wrong = 0
    for _ in 0..<100_000 {
      // Small numbers are frequent, so that lengths that fit are too.
      let array = (0..<random.below(24)).map { _ in
        random.below(2) == 0 ? UInt8(0) : UInt8(random.below(random.below(2) == 0 ? 8 : 256))
      }
      wrong += misreadings(array, &random)
    }
    #expect(wrong == 0)
  }

  @Test func `a length of four thousand million bytes is refused, not believed`() {
    var reader = ByteReader(Bytes([255, 255, 255, 255, 1, 2]))
    #expect(reader.readCounted() == nil)
    var negative = ByteReader(Bytes([1, 2]))
    #expect(negative.read(count: -1) == nil && negative.remaining == 2)
    #expect(negative.read(count: .max) == nil)
  }
}
