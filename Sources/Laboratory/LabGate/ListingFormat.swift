/// The forms in which outcomes are printed.
public enum ListingFormat: String, Hashable, Sendable, CaseIterable {
  /// Aligned columns for a terminal.
  case text
  /// One JSON document with keys in a fixed order.
  case json
  /// A table by RFC 4180.
  case csv
}
