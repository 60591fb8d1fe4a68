/// Why a report could not be written or checked.
public enum ReportError: Error, Hashable, Sendable {
  /// A file cannot be read; the text says why.
  case unreadable(path: String, reason: String)
  /// A file or folder cannot be written; what stood there is intact.
  case unwritable(path: String, reason: String)
  /// A document by hand has wrong markers; nothing was changed in it.
  case markers(path: String, MarkedDocument.MarkerError)
  /// The records of a manifest hold what is no measurement.
  case noMeasurement(manifest: String, reason: String)
  /// The renderer does not give what draws figures in a browser.
  case noLibrary(reason: String)
}

extension ReportError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): error: cannot be read: \(reason); a text in UTF-8 was expected; correct the file"
    case .unwritable(let path, let reason):
      "\(path): error: cannot be written: \(reason); a writable folder with room was expected; "
        + "mend the cause and report again"
    case .markers(let path, let error): "\(path): error: \(error)"
    case .noMeasurement(let manifest, let reason):
      "\(manifest): error: the record holds a value that is no measurement: \(reason); "
        + "rows of this program were expected; run the manifest again"
    case .noLibrary(let reason):
      "the figure renderer gives no drawing library: \(reason); vl-convert-python was expected; "
        + "run ./Scripts/setup and try again"
    }
  }
}
