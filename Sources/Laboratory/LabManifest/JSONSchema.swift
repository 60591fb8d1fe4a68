// The JSON Schema of manifests, for editors, from the table of keys that the decoder uses.

/// The JSON Schema of manifests.
public enum JSONSchema {
  /// The schema, draft 2020-12, as indented JSON.
  ///
  /// It says what an editor can know: keys, spellings of quantities, and which keys are required.
  /// What depends on the experiment is checked when the manifest is loaded.
  public static var text: String { text(experiments: []) }

  /// The schema that offers the names of experiments, and of their arms, parameters and metrics.
  public static func text(experiments: [ExperimentDescription]) -> String {
    let names = ExperimentNames(experiments)
    let definitions = ManifestKeys.sections.map { section in
      "    \(jsonString(section.name)): \(object(section, names, indentation: "    "))"
    }
    return """
      {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "FleetLab manifest",
        "$ref": "#/$defs/manifest",
        "$defs": {
      \(definitions.joined(separator: ",\n"))
        }
      }

      """
  }

  /// What experiments offer at the keys of the whole file.
  private struct ExperimentNames {
    private let schemas: [String: String]

    init(_ experiments: [ExperimentDescription]) {
      guard !experiments.isEmpty else {
        schemas = [:]
        return
      }
      var parameters: [(name: String, text: String)] = []
      for experiment in experiments {
        for parameter in experiment.parameters {
          let text = "\(experiment.name): \(parameter.summary) Default: \(parameter.fallback)."
          if let index = parameters.firstIndex(where: { $0.name == parameter.name }) {
            parameters[index].text += " " + text
          } else {
            parameters.append((parameter.name, text))
          }
        }
      }
      let properties = parameters.map { name, text in
        "\(jsonString(name)): {\"description\": \(jsonString(text))}"
      }
      schemas = [
        "experiment": Self.choice(experiments.map(\.name)),
        "arms": Self.openList(experiments.flatMap { $0.arms.map(\.name) }),
        "measure": Self.list(experiments.flatMap { $0.metrics.map(\.name) }),
        "parameters":
          "{\"type\": \"object\", \"properties\": {\(properties.joined(separator: ", "))}}",
      ]
    }

    /// The schema of a key, if the experiments narrow it.
    func schema(of key: String, in section: String) -> String? {
      section == ManifestKeys.manifest.name ? schemas[key] : nil
    }

    private static func choice(_ names: [String]) -> String {
      var seen: Set<String> = []
      let different = names.filter { seen.insert($0).inserted }
      return "{\"enum\": [\(different.map(jsonString).joined(separator: ", "))]}"
    }

    /// A list of known names or of those that the manifest gives itself.
    private static func openList(_ names: [String]) -> String {
      "{\"type\": \"array\", \"items\": "
        + "{\"anyOf\": [\(choice(names)), \(KeyShape.name.schema)]}}"
    }

    private static func list(_ names: [String]) -> String {
      "{\"type\": \"array\", \"items\": \(choice(names))}"
    }
  }

  private static func object(
    _ section: SectionDescription, _ names: ExperimentNames, indentation: String
  ) -> String {
    let inner = indentation + "  "
    let properties = section.keys.map { key -> String in
      let schema = names.schema(of: key.name, in: section.name) ?? key.shape.schema
      let description = jsonString(description(of: key))
      return "\(inner)  \(jsonString(key.name)): "
        + "{\"description\": \(description), \(schema.dropFirst())"
    }
    let required = section.required.map(jsonString).joined(separator: ", ")
    return """
      {
      \(inner)"description": \(jsonString(section.summary)),
      \(inner)"type": "object",
      \(inner)"additionalProperties": false,
      \(inner)"required": [\(required)],
      \(inner)"properties": {
      \(properties.joined(separator: ",\n"))
      \(inner)}
      \(indentation)}
      """
  }

  private static func description(of key: KeyDescription) -> String {
    var text = key.summary
    if let fallback = key.fallback { text += " Default: \(fallback)." }
    return text + " Example: \(key.example)"
  }
}

extension KeyShape {
  /// The schema of a value as a JSON object.
  ///
  /// Scalars are matched as text and as numbers, because an editor types what the laboratory does
  /// not.
  fileprivate var schema: String {
    switch self {
    case .text: "{\"type\": [\"string\", \"number\", \"boolean\"]}"
    case .name: "{\"type\": \"string\", \"pattern\": \"^[a-z][a-z0-9]*(-[a-z0-9]+)*$\"}"
    case .value: "{\"type\": [\"string\", \"number\", \"boolean\", \"object\", \"array\"]}"
    case .whole(let least): "{\"type\": \"integer\", \"minimum\": \(least)}"
    case .number: "{\"type\": \"number\"}"
    case .flag: "{\"type\": \"boolean\"}"
    case .quantity(let unit): "{\"type\": \"string\", \"pattern\": \(jsonString(unit.pattern))}"
    case .digest: "{\"type\": \"string\", \"pattern\": \"^[0-9a-f]{64}$\"}"
    case .choice(let words): choiceSchema(words)
    case .list(let shape): "{\"type\": \"array\", \"items\": \(shape.schema)}"
    case .map(let shape): "{\"type\": \"object\", \"additionalProperties\": \(shape.schema)}"
    case .section(let name): "{\"$ref\": \(jsonString("#/$defs/\(name)"))}"
    case .either(let shapes): "{\"anyOf\": [\(shapes.map(\.schema).joined(separator: ", "))]}"
    case .law(let unit):
      "{\"anyOf\": [\(unit.schema), {\"$ref\": \"#/$defs/law\"}]}"
    }
  }

  private func choiceSchema(_ words: [String]) -> String {
    let values = words.map { Int($0) == nil ? jsonString($0) : $0 }
    return "{\"enum\": [\(values.joined(separator: ", "))]}"
  }
}

extension QuantityUnit {
  /// A regular expression for the spelling.
  fileprivate var pattern: String {
    let kind: QuantityKind =
      switch self {
      case .ratio: .ratio
      case .duration: .duration
      case .size: .size
      case .rate: .rate
      }
    let units = kind.units.map(\.name).joined(separator: "|")
    return "^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?(\(units))$"
  }
}

extension LawUnit {
  fileprivate var schema: String {
    switch self {
    case .number: KeyShape.number.schema
    case .seconds: KeyShape.quantity(unit: .duration).schema
    case .bytes: KeyShape.quantity(unit: .size).schema
    }
  }
}
