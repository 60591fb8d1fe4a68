// Whether a picture shows what its specification says.

import LabRecord

/// What there is of a figure's picture.
public enum PictureState: Hashable, Sendable {
  /// It was rendered from the specification of now.
  case current
  /// It was rendered from another specification.
  case stale
  /// There is none.
  case absent

  /// What the renderer writes before the stamp.
  private static let mark = "<!-- fleetlab:specification "

  /// The digits that a picture carries when it was rendered from a specification.
  static func stamp(of specification: String) -> String {
    String(ContentDigest.sha256(Array(specification.utf8)).prefix(32))
  }

  /// Judges a picture by the stamp at its end.
  ///
  /// - Parameter picture: The bytes of the SVG file; `nil` when there is none.
  init(picture: [UInt8]?, specification: String) {
    guard let picture else {
      self = .absent
      return
    }
    let end = String(decoding: picture.suffix(128), as: UTF8.self)
    self = end.contains("\(Self.mark)\(Self.stamp(of: specification)) -->") ? .current : .stale
  }
}
