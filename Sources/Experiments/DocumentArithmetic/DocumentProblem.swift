// Why a document's arithmetic cannot be computed.

/// Why a computation over a document's figures cannot be made; its writer mends the figures file or
/// the planted changes.
enum DocumentProblem: Error, Hashable, Sendable {
  /// A computation needs a figure that there is not.
  case missingFigure(String)
  /// A computation needs an entry of words that there is not.
  case missingText(String)
  /// A figure that counts or names something is no such number.
  case notWhole(String, Double)
  /// A figure is 0 where a computation divides by it.
  case notPositive(String)
  /// The lower end of a range is above its upper end.
  case reversed(String, String)
  /// The timeline has another number of rows for a track than one.
  case rows(track: Int, count: Int)
  /// The tracks that come before the document's own are all that the timeline has.
  case noTracks(prerequisite: Int, last: Int)
  /// A part of the timeline over which a share is taken gains nothing.
  case noGain
  /// An entry of the column of returns has numbers that cannot be.
  case badReturn(String)
  /// The return of the row says no share of the bill.
  case noShare(String)
  /// The planted changes are too long to be meant.
  case plantedLength(Int)
  /// A planted change has no known form.
  case plantedForm(String)
  /// A planted change has no number where one must be.
  case plantedNumber(String)
  /// A key is planted twice.
  case plantedTwice(String)
  /// A planted change names a key that there is not.
  case unknownKey(String)
  /// An addition names a key that there is already.
  case knownKey(String)
}

extension DocumentProblem: CustomStringConvertible {
  var description: String {
    switch self {
    case .missingFigure(let key):
      "there is no figure '\(key)'; every figure of a computation was expected; "
        + "add it to the figures file with its quote"
    case .missingText(let key):
      "there is no text '\(key)'; every entry of a compared column was expected; "
        + "add it to the figures file with its quote"
    case .notWhole(let key, let value):
      "'\(key)' is \(value); a whole number from 0 to 1000 was expected; correct it"
    case .notPositive(let key):
      "'\(key)' is 0 and divides another figure; a number above 0 was expected; correct it"
    case .reversed(let low, let high):
      "'\(low)' is above '\(high)'; the lower end of a range first was expected; exchange them"
    case .rows(let track, let count):
      "track \(track) stands in \(count) rows of the timeline; one row was expected; "
        + "correct the rows' first and last tracks"
    case .noTracks(let prerequisite, let last):
      "the timeline ends with track \(last), and tracks up to \(prerequisite) come before the "
        + "document's; later tracks were expected; correct either figure"
    case .noGain:
      "the timeline gains no points from the first to the last of the document's tracks; a "
        + "gain was "
        + "expected, of which a share can be taken; correct the rows' pass rates"
    case .badReturn(let text):
      "the return '\(text)' is none; a percentage above 0 and up to 100, a speed-up above 1, or a "
        + "range of them with the lower end first was expected; correct it"
    case .noShare(let key):
      "'\(key)' states no share of a bill; a percentage or a speed-up was expected; correct it"
    case .plantedLength(let count):
      "the planted changes have \(count) bytes; at most \(PlantedChanges.lengthLimit) were "
        + "expected; "
        + "plant fewer"
    case .plantedForm(let entry):
      "'\(entry)' is no planted change; 'key=value', '+key=value unit' or 'key:text=words' was "
        + "expected, with ';' between two of them; write it so"
    case .plantedNumber(let entry):
      "'\(entry)' plants no number; up to twelve digits with up to six behind a point were "
        + "expected; "
        + "write it like '60000'"
    case .plantedTwice(let key):
      "'\(key)' is planted twice; each key once was expected; remove one of them"
    case .unknownKey(let key):
      "'\(key)' is planted but not known; a key of the figures file was expected; "
        + "correct it, or add a figure as '+key=value unit'"
    case .knownKey(let key):
      "'+\(key)' adds a figure that there is already; a new key was expected; "
        + "write '\(key)=value' to change it"
    }
  }
}
