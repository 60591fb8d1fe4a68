// How manifests spell probability laws.

/// The spelling of one law: its name and its parameters.
struct LawForm: Sendable {
  /// The name.
  let name: String
  /// The parameters in the order in which people write them.
  let parameters: [Parameter]
  /// One sentence on the law.
  let summary: String

  /// One parameter of a law.
  struct Parameter: Sendable {
    /// The key.
    let key: String
    /// What it is.
    let kind: Kind
    /// One sentence on what it does.
    let summary: String
  }

  /// What a parameter of a law is.
  enum Kind: Sendable {
    /// A value in the law's unit.
    case value(mustBePositive: Bool)
    /// A positive number without a unit.
    case shape
    /// Something that has its own reader.
    case other(KeyShape)
  }

  private static let lawsOfALaw =
    "The laws of a mixture, each a law with its weight; or the law that is shifted."

  private static func value(_ key: String, _ summary: String) -> Parameter {
    Parameter(key: key, kind: .value(mustBePositive: false), summary: summary)
  }
  private static func scale(_ key: String, _ summary: String) -> Parameter {
    Parameter(key: key, kind: .value(mustBePositive: true), summary: summary)
  }
  private static func shape(_ key: String, _ summary: String) -> Parameter {
    Parameter(key: key, kind: .shape, summary: summary)
  }

  /// All laws.
  static let all: [LawForm] = [
    LawForm(
      name: "constant", parameters: [value("value", "The value of a constant.")],
      summary: "Always the same value."),
    LawForm(
      name: "uniform",
      parameters: [value("low", "The lower bound."), value("high", "The upper bound.")],
      summary: "Equal density between two bounds."),
    LawForm(
      name: "exponential", parameters: [scale("mean", "The mean.")],
      summary: "Waiting times without memory."),
    LawForm(
      name: "normal",
      parameters: [value("mean", "The mean."), scale("deviation", "The standard deviation.")],
      summary: "The bell curve."),
    LawForm(
      name: "lognormal",
      parameters: [
        scale("median", "The median."), shape("sigma", "The standard deviation of the logarithm."),
      ],
      summary: "A value whose logarithm is normal."),
    LawForm(
      name: "gamma",
      parameters: [
        shape("shape", "The shape; the mean of a gamma is shape times scale."),
        scale("scale", "The scale."),
      ],
      summary: "Sums of waiting times."),
    LawForm(
      name: "weibull",
      parameters: [shape("shape", "The shape."), scale("scale", "The scale.")],
      summary: "Exceedance e^(−(x / scale)^shape)."),
    LawForm(
      name: "pareto",
      parameters: [
        scale("minimum", "The smallest value."),
        shape("tail-index", "The smaller, the heavier the tail."),
      ],
      summary: "Exceedance (minimum / x)^tail-index."),
    LawForm(
      name: "empirical",
      parameters: [
        Parameter(
          key: "values", kind: .other(.list(.value)),
          summary: "The values of a sample, in a list."),
        Parameter(
          key: "csv", kind: .other(.text),
          summary: "A CSV file with the values, relative to the manifest."),
        Parameter(key: "column", kind: .other(.text), summary: "The column of the CSV file."),
        Parameter(
          key: "unit", kind: .other(.text), summary: "The unit of the CSV file's numbers."),
      ],
      summary: "One of the values of a sample, each with the same chance."),
    LawForm(
      name: "mixture",
      parameters: [
        Parameter(
          key: "of",
          kind: .other(.either([.list(.section("mixture-part")), .value, .section("law")])),
          summary: lawsOfALaw)
      ],
      summary: "One of several laws, chosen by weight."),
    LawForm(
      name: "shifted",
      parameters: [
        value("by", "How far a law is shifted."),
        Parameter(
          key: "of", kind: .other(.section("law")),
          summary: lawsOfALaw),
      ],
      summary: "A law moved to the right: a minimum plus an excess."),
  ]

  /// The keys of all laws together, each once, for the schema and for help.
  static let parameterDescriptions: [KeyDescription] = {
    var keys: [KeyDescription] = []
    for form in all {
      for parameter in form.parameters where !keys.contains(where: { $0.name == parameter.key }) {
        let users = all.filter { $0.parameters.contains { $0.key == parameter.key } }
        keys.append(
          KeyDescription(
            parameter.key, parameter.shape, example: "{law: \(form.name), \(parameter.key): …}",
            parameter.summary + " (" + users.map(\.name).joined(separator: ", ") + ")"))
      }
    }
    return keys
  }()
}

extension LawForm.Parameter {
  fileprivate var shape: KeyShape {
    switch kind {
    case .value: .value
    case .shape: .number
    case .other(let shape): shape
    }
  }
}
