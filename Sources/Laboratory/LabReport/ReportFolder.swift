// Where reports stand on disk, and how they get there.

import Glibc
import Journal
public import LabManifest
import LabRecord

/// The reports of a checkout: `REPORT.md`, and `report.md` with `figures/` in each folder of
/// results.
public struct ReportFolder: Sendable {
  /// The path of the report of the whole laboratory.
  public let report: String
  /// The path of the folder of records.
  public let results: String
  /// The folder of records as links in the report name it.
  public let address: String
  /// The path of the page that readers see first; its part `decided` is generated, if it has one.
  public let front: String?

  /// Names the places.
  ///
  /// - Parameter address: The folder of records relative to the report.
  public init(
    report: String, results: String, address: String = "Results", front: String? = nil
  ) {
    self.front = front
    self.report = report
    self.results = results
    self.address = address
  }

  /// What writing did.
  public struct Written: Hashable, Sendable {
    /// The files that are new or have changed, in the order of writing; pictures included.
    public var changed: [String] = []
    /// What must be said: pictures that are absent or older than their specification, and why.
    public var warnings: [String] = []
  }

  /// A file that is not what the records make of it.
  public struct Drift: Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// The first line that differs, counted from 1; `nil` for a file that is not there and for
    /// pictures.
    public var line: Int?
    /// What is wrong there.
    public var reason: String

    public var description: String {
      "\(path)\(line.map { ":\($0)" } ?? ""): error: \(reason); run 'fleetlab report'"
    }
  }

  /// Writes all reports, and renders the figures whose pictures are not those of their
  /// specifications.
  ///
  /// Files that would not change are left alone. Without a renderer the specifications are written,
  /// the pictures stay, and reports and warnings say so.
  /// - Parameter renderer: The renderer of this machine; `nil` when there is none.
  /// - Throws: ``ReportError``; the files before it are written.
  public func write(
    _ entries: [LaboratoryReport.Entry], claims: [Claim], renderer: FigureRenderer?
  ) throws(ReportError) -> Written {
    var written = Written()
    // Wrong markers are met before anything changes.
    let document = try readDocument()
    for page in specifications(entries) { try write(page, &written) }
    render(entries, renderer, &written)
    for page in reports(entries) { try write(page, &written) }
    try write(try overview(entries, claims, in: document), &written)
    if let page = try frontPage(entries, claims) { try write(page, &written) }
    return written
  }

  /// The files whose content is not what the records make of it; nothing is written.
  ///
  /// - Throws: ``ReportError`` for a file that is there and cannot be read, and for wrong markers.
  public func drift(
    _ entries: [LaboratoryReport.Entry], claims: [Claim]
  ) throws(ReportError) -> [Drift] {
    var drift: [Drift] = []
    let overview = try overview(entries, claims, in: readDocument())
    let front = try frontPage(entries, claims).map { [$0] } ?? []
    for page in specifications(entries) + reports(entries) + [overview] + front {
      guard let found = try text(of: page.path) else {
        drift.append(Drift(path: page.path, line: nil, reason: "there is no such file"))
        continue
      }
      if let difference = Self.difference(found: found, expected: page.text) {
        drift.append(Drift(path: page.path, line: difference.line, reason: difference.reason))
      }
    }
    for entry in entries {
      for figure in entry.report.figures where !figure.isEmpty {
        switch state(of: figure, entry) {
        case .current: continue
        case .stale:
          drift.append(
            Drift(
              path: picturePath(figure, entry), line: nil,
              reason: "the picture was rendered from another specification"))
        case .absent:
          drift.append(
            Drift(path: picturePath(figure, entry), line: nil, reason: "there is no such picture"))
        }
      }
    }
    return drift
  }

  /// A file as the records make it.
  private struct Page {
    var path: String
    var text: String
  }

  private func folder(_ entry: LaboratoryReport.Entry) -> String {
    "\(results)/\(entry.report.record.run.experiment.id)"
  }

  private func specificationPath(
    _ figure: FigureSpecification, _ entry: LaboratoryReport.Entry
  ) -> String { "\(folder(entry))/figures/\(figure.request.id).vl.json" }

  private func picturePath(
    _ figure: FigureSpecification, _ entry: LaboratoryReport.Entry
  ) -> String { "\(folder(entry))/figures/\(figure.request.id).svg" }

  private func specifications(_ entries: [LaboratoryReport.Entry]) -> [Page] {
    entries.flatMap { entry in
      entry.report.figures.filter { !$0.isEmpty }.map {
        Page(path: specificationPath($0, entry), text: $0.text)
      }
    }
  }

  private func reports(_ entries: [LaboratoryReport.Entry]) -> [Page] {
    entries.map { entry in
      Page(
        path: "\(folder(entry))/report.md",
        text: entry.report.markdown { state(ofFigure: $0, entry) })
    }
  }

  private func overview(
    _ entries: [LaboratoryReport.Entry], _ claims: [Claim], in document: MarkedDocument
  ) throws(ReportError) -> Page {
    let entriesByID = Dictionary(
      entries.map { ($0.report.record.run.experiment.id, $0) }
    ) { first, _ in first }
    let contents = LaboratoryReport(entries: entries, claims: claims)
      .contents(results: address) { manifest, figure in
        entriesByID[manifest].map { state(ofFigure: figure, $0) } ?? .absent
      }
    do {
      return Page(path: report, text: try document.replacing(contents))
    } catch {
      throw .markers(path: report, error)
    }
  }

  /// The front page with its generated part; `nil` when there is no page or it has no such part.
  private func frontPage(
    _ entries: [LaboratoryReport.Entry], _ claims: [Claim]
  ) throws(ReportError) -> Page? {
    guard let front, let old = try text(of: front) else { return nil }
    do {
      let document = try MarkedDocument(old)
      guard document.names.contains("decided") else { return nil }
      let decided = LaboratoryReport(entries: entries, claims: claims).decided
      return Page(path: front, text: try document.replacing([("decided", decided)]))
    } catch {
      throw .markers(path: front, error)
    }
  }

  private func readDocument() throws(ReportError) -> MarkedDocument {
    let text = try text(of: report) ?? LaboratoryReport.template
    do {
      return try MarkedDocument(text)
    } catch {
      throw .markers(path: report, error)
    }
  }

  private func state(
    ofFigure id: String, _ entry: LaboratoryReport.Entry
  ) -> PictureState {
    guard let figure = entry.report.figures.first(where: { $0.request.id == id }) else {
      return .absent
    }
    return state(of: figure, entry)
  }

  private func state(
    of figure: FigureSpecification, _ entry: LaboratoryReport.Entry
  ) -> PictureState {
    // A picture that cannot be read cannot be shown: it counts as none.
    let picture = try? RecordFile.read(picturePath(figure, entry), limit: Self.sizeLimit)
    return PictureState(picture: picture, specification: figure.text)
  }

  private func render(
    _ entries: [LaboratoryReport.Entry], _ renderer: FigureRenderer?, _ written: inout Written
  ) {
    var jobs: [FigureRenderer.Job] = []
    for entry in entries {
      for figure in entry.report.figures
      where !figure.isEmpty && state(of: figure, entry) != .current {
        jobs.append(
          .init(
            specification: specificationPath(figure, entry), picture: picturePath(figure, entry),
            stamp: PictureState.stamp(of: figure.text)))
      }
    }
    guard !jobs.isEmpty else { return }
    guard let renderer else {
      let names = jobs.map(\.picture).joined(separator: ", ")
      written.warnings.append(
        "no figure renderer is installed; vl-convert-python was expected; run ./Scripts/setup and "
          + "report again; until then these pictures are absent or older than their "
          + "specifications: \(names)")
      return
    }
    let problems = renderer.render(jobs)
    for problem in problems {
      written.warnings.append("a figure was not rendered: \(problem); the picture stays as it was")
    }
    for job in jobs {
      guard let picture = try? RecordFile.read(job.picture, limit: Self.sizeLimit),
        let text = try? RecordFile.read(job.specification, limit: Self.sizeLimit),
        PictureState(picture: picture, specification: String(decoding: text, as: UTF8.self))
          == .current
      else { continue }
      written.changed.append(job.picture)
    }
  }

  /// The longest file that is read, in bytes.
  private static let sizeLimit = 64 << 20

  /// The content of a file; `nil` when there is none.
  private func text(of path: String) throws(ReportError) -> String? {
    guard access(path, F_OK) == 0 else { return nil }
    do {
      let bytes = try RecordFile.read(path, limit: Self.sizeLimit)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ReportError.unreadable(path: path, reason: "it is not UTF-8")
      }
      return text
    } catch let error as ReportError {
      throw error
    } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
  }

  private func write(_ page: Page, _ written: inout Written) throws(ReportError) {
    guard try text(of: page.path) != page.text else { return }
    try Self.write(page.text, to: page.path)
    written.changed.append(page.path)
  }

  /// Replaces a file as a whole, and makes its folder if need be.
  static func write(_ text: String, to path: String) throws(ReportError) {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    if !folder.isEmpty, mkdir(folder, 0o777) != 0, errno != EEXIST {
      throw .unwritable(path: folder, reason: String(cString: strerror(errno)))
    }
    do {
      try AtomicFile.write(text, to: path)
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }

  /// The first line in which two texts differ; `nil` when they are the same.
  static func difference(found: String, expected: String) -> (line: Int, reason: String)? {
    guard found != expected else { return nil }
    let old = found.split(separator: "\n", omittingEmptySubsequences: false)
    let new = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let line =
      zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
    func shown(_ lines: [Substring]) -> String {
      guard line < lines.count else { return "nothing" }
      let text = lines[line]
      return "'\(text.count > 120 ? "\(text.prefix(120))…" : String(text))'"
    }
    return (line + 1, "\(shown(old)) stands where the records say \(shown(new))")
  }
}
