// The keys of the section `gate`.

extension ManifestKeys {
  static let gate = SectionDescription(
    name: "gate", summary: "Which metrics are gated against a baseline, and by which margins.",
    keys: [
      KeyDescription(
        "metrics", .list(.text), default: "all that are measured",
        example: "metrics: [delivered_fraction, latency]",
        "The metrics that `fleetlab gate` judges; timed ones and ceilings are never among them."),
      KeyDescription(
        "margin", .either([.quantity(unit: .ratio), .number]), default: "2.5%",
        example: "margin: 1%",
        "How much worse the mean of a sampled metric may become: a percentage of the baseline's "
          + "mean, or a number in the metric's unit."),
      KeyDescription(
        "margins", .map(.value), default: "the margin for all",
        example: "margins: {latency: 2ms, delivered_fraction: 0.01}",
        "Margins of single metrics: percentages, or amounts in the metric's unit."),
    ])
}
