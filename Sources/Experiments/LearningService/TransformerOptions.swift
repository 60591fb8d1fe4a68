// What experiments may set of a Decision Transformer.

import LabManifest
import LabRunner
import Learning

extension DecisionTransformerSettings {
  /// The parameters of the network and of its learning, with the standard settings as defaults.
  static var parameters: [ParameterDescription] {
    let standard = DecisionTransformerSettings()
    return [
      ParameterDescription(
        "context", .integer(1...1_000), default: .integer(standard.context),
        "How many steps the network looks back, the present one included."),
      ParameterDescription(
        "width", .integer(1...1_024), default: .integer(standard.width), "The width of tokens."),
      ParameterDescription(
        "heads", .integer(1...64), default: .integer(standard.heads),
        "How many heads attend side by side; a divisor of the width."),
      ParameterDescription(
        "blocks", .integer(1...64), default: .integer(standard.blocks),
        "How many blocks follow one another."),
      ParameterDescription(
        "minibatch", .integer(1...4_096), default: .integer(standard.minibatch),
        "How many stretches of episodes one gradient comes from."),
      ParameterDescription(
        "updates", .integer(1...1_000_000), default: .integer(standard.updates),
        "How many updates are learnt from."),
      ParameterDescription(
        "learning-rate", .number(0...1), default: .number(standard.learningRate),
        "The step size at the beginning; it fades evenly to 0."),
    ]
  }

  /// The settings that a trial asks for.
  ///
  /// - Throws: `UndescribedSetting` where the experiment lacks one of ``parameters``.
  init(_ trial: Trial) throws {
    self.init()
    context = try trial.integer("context")
    width = try trial.integer("width")
    heads = try trial.integer("heads")
    blocks = try trial.integer("blocks")
    minibatch = try trial.integer("minibatch")
    updates = try trial.integer("updates")
    learningRate = try trial.number("learning-rate")
  }

  /// How many updates are made where a share of them at the end is left out.
  func updates(without idleness: Double) -> Int {
    updates - Int((Double(updates) * idleness).rounded())
  }
}
