// Reading a parameter's value by the kind that the experiment gives it.

import LabCore
import Statistics

extension StrictReader {
  /// A value of a kind.
  public func value(_ kind: ValueKind) -> Value? {
    switch kind {
    case .integer(let range): whole(in: range).map(Value.integer)
    case .number(let range): number(in: range).map(Value.number)
    case .ratio: ratio().map(Value.ratio)
    case .duration: duration().map(Value.duration)
    case .size: size().map(Value.size)
    case .text(let choices): (choices.isEmpty ? text() : choice(choices)).map(Value.text)
    case .flag: flag().map(Value.flag)
    case .law(let unit): law(unit).map(Value.law)
    }
  }
}

extension Value: CustomStringConvertible {
  /// The value in the one way in which equal values are written alike: in tables, coordinates and
  /// identities.
  ///
  /// Everything but a law reads back as the same value.
  public var description: String {
    switch self {
    case .integer(let value): String(value)
    case .number(let value): plainNumber(value)
    case .ratio(let ratio): ratio.canonicalText
    case .duration(let duration): duration.description
    case .size(let size): size.description
    case .text(let text): text
    case .flag(let flag): flag ? "true" : "false"
    case .law(let law): law.canonicalText
    }
  }
}

extension Ratio {
  /// The percentage with as many digits as tell it from every other share.
  var canonicalText: String {
    let percent = value * 100
    let near = [percent, percent.nextUp, percent.nextDown].map { plainNumber($0) + "%" }
    // The first of them is the short one that people write.
    return ([description] + near).first { Quantity($0)?.measured == value } ?? near[0]
  }
}

extension Law {
  /// The law with its parameters in base units: seconds, bytes or plain numbers.
  var canonicalText: String {
    func call(_ name: String, _ parameters: [Double]) -> String {
      "\(name)(\(parameters.map(plainNumber).joined(separator: " ")))"
    }
    switch self {
    case .constant(let value): return call("constant", [value])
    case .uniform(let low, let high): return call("uniform", [low, high])
    case .exponential(let mean): return call("exponential", [mean])
    case .normal(let mean, let deviation): return call("normal", [mean, deviation])
    case .lognormal(let median, let sigma): return call("lognormal", [median, sigma])
    case .gamma(let shape, let scale): return call("gamma", [shape, scale])
    case .weibull(let shape, let scale): return call("weibull", [shape, scale])
    case .pareto(let minimum, let tailIndex): return call("pareto", [minimum, tailIndex])
    case .empirical(let sample):
      let digest = sha256(sample.values.map(plainNumber).joined(separator: " "))
      return "empirical(\(sample.count) values \(digest.prefix(16)))"
    case .mixture(let parts):
      let texts = parts.map { "\(plainNumber($0.weight)) \($0.law.canonicalText)" }
      return "mixture(\(texts.joined(separator: " ")))"
    case .shifted(let offset, let law):
      return "shifted(\(plainNumber(offset)) \(law.canonicalText))"
    }
  }
}
