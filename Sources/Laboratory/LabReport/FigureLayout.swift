// How large the parts of a figure are, and how it is cut into panels.

import LabManifest

/// One key by which a figure is cut into panels, with its values in order.
struct PanelKey: Hashable {
  /// The place of the key in the request.
  var place: Int
  /// The swept key.
  var key: String
  /// Its values, at least two.
  var values: [String]
}

/// The grid of panels of a figure.
struct FigureLayout {
  /// The key whose values stand side by side.
  var columns: PanelKey?
  /// The key whose values stand below each other.
  var rows: PanelKey?
  /// How many panels stand in one row.
  var panelsInRow: Int
  /// The width of a panel in pixels.
  var width: Int
  /// The height of a panel in pixels.
  var height: Int

  /// The most panels side by side of a single key before they wrap.
  private static let wrapLimit = 4
  /// The width that a whole figure aims at, in pixels: what a page of text is wide.
  private static let pageWidth = 790
  private static let gap = 24

  /// Lays out a figure.
  ///
  /// - Parameters:
  ///   - keys: The panel keys with more than one value.
  ///   - needed: The width that the marks of one panel need, in pixels.
  init(keys: [PanelKey], needed: Int) {
    columns = keys.first
    rows = keys.dropFirst().first
    let count = columns?.values.count ?? 1
    panelsInRow = rows == nil && count > Self.wrapLimit ? 3 : count
    if count == 1 {
      width = min(max(520, needed), Self.pageWidth)
      height = 300
    } else {
      let room = (Self.pageWidth - (panelsInRow - 1) * Self.gap) / panelsInRow
      width = max(min(room, 370), 110)
      height = rows == nil && panelsInRow == count ? 250 : 180
    }
  }

  /// Lays out maps, those of one key below each other, so that their fields have room for words.
  ///
  /// - Parameters:
  ///   - keys: The panel keys with more than one value.
  ///   - columns: How many fields a map is wide.
  ///   - rows: How many it is high.
  ///   - fieldWidth: The width at which a field has two lines of words, in pixels.
  ///   - tall: The height of such a field, in pixels.
  ///   - low: The height of one with a line, in pixels.
  init(keys: [PanelKey], columns count: Int, rows: Int, fieldWidth: Int, tall: Int, low: Int) {
    self.init(keys: keys, needed: count * fieldWidth)
    if keys.count == 1 {
      panelsInRow = 1
      width = min(max(520, count * fieldWidth), Self.pageWidth)
    }
    height = rows * (width >= count * fieldWidth ? tall : low)
  }

  /// Whether the panels of the one key stand in more than one row.
  var wraps: Bool { rows == nil && (columns?.values.count ?? 1) > panelsInRow }

  /// The width of all panels of a row together, in pixels.
  var totalWidth: Int { panelsInRow * width + (panelsInRow - 1) * Self.gap }
}
