// What an experiment reads from its trial.

public import LabCore

/// A trial lacks what an experiment reads: it was planned with another description, or the
/// experiment reads what it does not describe.
public struct UndescribedSetting: Error, Hashable, CustomStringConvertible {
  /// What was read and not found.
  public var setting: String

  /// Names what was read and not found.
  public init(setting: String) { self.setting = setting }

  public var description: String {
    "the trial has no \(setting); every trial has what the experiment's description lists; plan "
      + "the manifest with the description of this experiment, and let it list what it reads"
  }
}

extension Trial {
  /// A whole number among the parameters.
  ///
  /// - Throws: ``UndescribedSetting``, as of all these readers, when there is no such parameter.
  public func integer(_ name: String) throws(UndescribedSetting) -> Int {
    guard case .integer(let value)? = cell.settings.parameters[name] else {
      throw lacking("integer", name)
    }
    return value
  }

  /// A number without a unit among the parameters.
  public func number(_ name: String) throws(UndescribedSetting) -> Double {
    guard case .number(let value)? = cell.settings.parameters[name] else {
      throw lacking("number", name)
    }
    return value
  }

  /// A ratio among the parameters.
  public func ratio(_ name: String) throws(UndescribedSetting) -> Ratio {
    guard case .ratio(let value)? = cell.settings.parameters[name] else {
      throw lacking("ratio", name)
    }
    return value
  }

  /// A ratio among the parameters as a number, 0.05 for 5 %.
  public func share(_ name: String) throws(UndescribedSetting) -> Double { try ratio(name).value }

  /// A length of time among the parameters.
  public func duration(_ name: String) throws(UndescribedSetting) -> Duration {
    guard case .duration(let value)? = cell.settings.parameters[name] else {
      throw lacking("duration", name)
    }
    return value
  }

  /// A word among the parameters.
  public func text(_ name: String) throws(UndescribedSetting) -> String {
    guard case .text(let value)? = cell.settings.parameters[name] else {
      throw lacking("text", name)
    }
    return value
  }

  /// A yes or no among the parameters.
  public func flag(_ name: String) throws(UndescribedSetting) -> Bool {
    guard case .flag(let value)? = cell.settings.parameters[name] else {
      throw lacking("flag", name)
    }
    return value
  }

  /// A word among the parameters that stands for one of several things.
  public func choice<Choice: RawRepresentable<String>>(
    _ name: String, as type: Choice.Type = Choice.self
  ) throws(UndescribedSetting) -> Choice {
    let word = try text(name)
    guard let choice = Choice(rawValue: word) else {
      throw UndescribedSetting(setting: "\(type) '\(word)' for the parameter '\(name)'")
    }
    return choice
  }

  /// What the arm stands for.
  public func subject<Subject: RawRepresentable<String>>(
    as type: Subject.Type = Subject.self
  ) throws(UndescribedSetting) -> Subject {
    guard let subject = Subject(rawValue: arm) else {
      throw UndescribedSetting(setting: "\(type) for the arm '\(arm)'")
    }
    return subject
  }

  private func lacking(_ kind: String, _ name: String) -> UndescribedSetting {
    UndescribedSetting(setting: "parameter '\(name)' that is a \(kind)")
  }
}
