// The folder of a comparison and its figure.

import FoundationEssentials
import LabCore
import LabGate
import LabRecord
import Testing

@testable import LabReport

@Suite struct ComparisonFigureTests {
  private static func blocks(ratio: Double) -> [ComparisonBlock] {
    (0..<9).map { index in
      let slots = ComparisonBlock.order(ofBlock: index).enumerated().map { place, role in
        let time = 0.05 * (role == .head ? ratio : 1) * (1 + Double(place * 7 % 5) / 1_000)
        return ComparisonBlock.Slot(
          role: role, cpuSeconds: time, wallSeconds: 2 * time, contextSwitches: 4)
      }
      return ComparisonBlock(index: index, slots: slots, load: 2, stealSeconds: 0.5)
    }
  }

  @Test func `the specification holds a dot for each block and each ratio`() throws {
    let blocks = Self.blocks(ratio: 1.05)
    let judgement = try ComparisonJudge(margin: 0.025, blocks: 9).judge(blocks)
    let figure = ComparisonFigure(title: "new against old", blocks: blocks, judgement: judgement)
    #expect(
      figure.text.contains("\"$schema\": \"https://vega.github.io/schema/vega-lite/v5.json\""))
    #expect(figure.text.matches(of: /"ratio": [01]/).count == 18)
    #expect(figure.text.matches(of: /"type": "rect"/).count == 2)
    let bare = ComparisonFigure(title: "new against old", blocks: blocks, judgement: nil)
    #expect(!bare.text.contains("\"rect\""))
    #expect(bare != figure)
  }

  @Test func `the folder holds the blocks, their meaning and the judgement`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "fleetlab-comparison-\(getpidText)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let blocks = Self.blocks(ratio: 1.05)
    let judgement = try ComparisonJudge(margin: 0.025, blocks: 9).judge(blocks)
    let listing = ComparisonListing(
      base: "./old", head: "./new", blocks: blocks, judgement: judgement)
    let warnings = try ComparisonFolder(folder).write(
      blocks, listing: listing,
      figure: ComparisonFigure(title: "new", blocks: blocks, judgement: judgement), renderer: nil)
    #expect(warnings.count == 1)
    let table = try RecordFile.read("\(folder)/blocks.csv", limit: 1 << 20)
    #expect(try ComparisonBlock.read(table: table, path: "blocks.csv") == blocks)
    let json = String(
      decoding: try RecordFile.read("\(folder)/comparison.json", limit: 1 << 20), as: UTF8.self)
    #expect(json.contains("\"verdict\": \"regressed\""))
    let meaning = String(
      decoding: try RecordFile.read("\(folder)/blocks.md", limit: 1 << 20), as: UTF8.self)
    for column in ComparisonBlock.columns { #expect(meaning.contains("`\(column)`")) }
  }

  @Test func `the listing says the verdict, both ratios and the state of the machine`() throws {
    let blocks = Self.blocks(ratio: 1)
    let judgement = try ComparisonJudge(margin: 0.025, blocks: 9).judge(blocks)
    let listing = ComparisonListing(base: "a", head: "b", blocks: blocks, judgement: judgement)
    let text = listing.print(as: .text)
    #expect(text.contains("pass"))
    #expect(text.contains("base / base (control)"))
    #expect(text.contains("load up to 2, 4.5 s stolen, 288 context switches"))
    #expect(listing.print(as: .csv).split(separator: "\n").count == 3)
    let short = ComparisonListing(base: "a", head: "b", blocks: [], judgement: nil)
    #expect(short.verdict == .inconclusive)
    #expect(short.print(as: .text).contains("too few"))
  }

  private var getpidText: String { "\(ProcessInfo.processInfo.processIdentifier)" }
}
