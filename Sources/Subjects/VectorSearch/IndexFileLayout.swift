// Which bytes of an index's file are what.

/// The parts of the file and their pages, as the header fixes them.
///
/// Every byte belongs to the header, the directory or a page: parts are filled up with zeros to
/// cache lines, the directory to a page of the system, so that rows keep their places in memory.
struct IndexFileLayout {
  /// A part of the file.
  enum Part: Int, CaseIterable {
    case marks, upperPlaces, upperLinks, keys, terms, rows, given

    /// What messages call it.
    var name: String {
      switch self {
      case .marks, .upperPlaces, .upperLinks: "upper levels"
      case .keys: "keys"
      case .terms, .rows, .given: "vectors"
      }
    }
  }

  /// Where a part stands.
  struct Place {
    var offset = 0
    /// With the zeros that fill the last line.
    var byteCount = 0
    var pageBytes = 1
    var firstPage = 0

    var pageCount: Int { (byteCount + pageBytes - 1) / pageBytes }
  }

  let rowLayout: RowLayout
  /// Rows of a page, as a power of two.
  let rowShift: Int
  private(set) var places: [Place] = []
  private(set) var pageCount = 0
  private(set) var fileBytes = 0

  private static let pageBytes = 1 << 16
  private static let systemPage = 4096

  init(_ header: IndexFileHeader) {
    rowLayout = RowLayout(
      dimensions: header.dimensions, storage: header.storage,
      linkLimit: header.configuration.lowestLinkLimit)
    // The given components are the larger ones where there are any.
    let isInt8 = header.storage == .int8
    let largest = max(rowLayout.stride, isInt8 ? rowLayout.givenComponents.stride : 0)
    rowShift = (0...10).last { largest << $0 <= Self.pageBytes } ?? 0
    for part in Part.allCases {
      var place = Place()
      place.byteCount = (Self.byteCount(of: part, header, rowLayout) + 63) / 64 * 64
      place.firstPage = pageCount
      place.pageBytes =
        switch part {
        case .rows: rowLayout.stride << rowShift
        case .given: rowLayout.givenComponents.stride << rowShift
        default: Self.pageBytes
        }
      pageCount += place.pageCount
      places.append(place)
    }
    var offset = directoryEnd
    for part in places.indices {
      places[part].offset = offset
      offset += places[part].byteCount
    }
    fileBytes = offset
  }

  /// Where the directory with its filling ends and the first part begins.
  var directoryEnd: Int {
    (IndexFileHeader.size + 4 * pageCount + Self.systemPage - 1) / Self.systemPage
      * Self.systemPage
  }

  subscript(part: Part) -> Place { places[part.rawValue] }

  /// The bytes of a page.
  func range(ofPage page: Int) -> (part: Part, bytes: Range<Int>) {
    let part = Part.allCases.last { self[$0].firstPage <= page && self[$0].byteCount > 0 } ?? .rows
    let place = self[part]
    let first = (page - place.firstPage) * place.pageBytes
    let end = min(first + place.pageBytes, place.byteCount)
    return (part, place.offset + first..<place.offset + end)
  }

  private static func byteCount(
    of part: Part, _ header: IndexFileHeader, _ layout: RowLayout
  ) -> Int {
    let rows = header.rows
    let isInt8 = header.storage == .int8
    return switch part {
    case .marks: rows
    case .upperPlaces: rows * 4
    case .upperLinks: header.upperLists * header.configuration.connectivity * 4
    case .keys: header.hasKeys ? rows * 8 : 0
    case .terms: isInt8 ? rows * MemoryLayout<VectorRows.Term>.stride : 0
    case .rows: rows * layout.stride
    case .given: isInt8 ? rows * layout.givenComponents.stride : 0
    }
  }
}
