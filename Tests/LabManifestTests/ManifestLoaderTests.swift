import LabCore
import LabManifest
import Testing

@Suite struct ManifestLoaderTests {
  @Test func `a ten-line manifest works`() throws {
    let plan = try Example.plan(
      """
      fleetlab: 1
      title: Broadcast on three nodes
      question: Does every event that arrives parse?
      network: {nodes: 3, link: {delay: 20ms}}
      sweep: {grid: {payload: [64B, 1kB], network.link.loss: [0%, 5%]}}
      criteria:
        - {id: parses, text: every event parses, metric: parsed_fraction, arm: literal,
           bar: ">= 0.99", control: {text: a broken world, set: {world: broken}}}
      figures: [{id: parsed, title: Parsed, mark: line, x: payload, metrics: [parsed_fraction]}]
      repetitions: 2
      """, path: "Experiments/transport/literal-transport.yaml")
    #expect(plan.manifest.id == "literal-transport")
    #expect(plan.cells.count == 8)
    #expect(plan.trials.count == 4 * 2 * 2 + 4 * 2)
    #expect(
      plan.cells[1].coordinates.map(\.value) == ["64B", "5%"])
  }
}
