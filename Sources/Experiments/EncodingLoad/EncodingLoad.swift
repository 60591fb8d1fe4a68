// The encoder of texts, timed: single texts of a given length, one after the other.
public import Embedding
import Glibc

/// Encodes single texts on one thread and says what they cost.
public struct EncodingLoad: Sendable {
  private let encoder: MiniLMEncoder

  /// Takes the encoder to time.
  public init(_ encoder: MiniLMEncoder) { self.encoder = encoder }

  /// The processor seconds of one text, each encoded by a call of its own; the tokenizer is part of
  /// it.
  ///
  /// - Parameters:
  ///   - tokens: How many tokens the text has, from 2 to 256.
  ///   - repetitions: How many times it is encoded, at least 1.
  public func secondsPerText(tokens: Int, repetitions: Int) -> Double {
    precondition((2...256).contains(tokens) && repetitions >= 1, "a text that the encoder takes")
    let text = [String](repeating: "test", count: tokens - 2).joined(separator: " ")
    let start = Self.seconds()
    for _ in 0..<repetitions { _ = encoder.encode([text]) }
    return (Self.seconds() - start) / Double(repetitions)
  }

  private static func seconds() -> Double {
    var reading = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &reading)
    return Double(reading.tv_sec) + Double(reading.tv_nsec) * 1e-9
  }
}
