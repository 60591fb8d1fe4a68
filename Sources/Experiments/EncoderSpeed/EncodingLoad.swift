// The encoder of texts, timed: single texts of a given length, one after the other.

import Embedding
import LabCore
import LabRunner

/// What a load of texts was and cost.
struct EncodingOutcome {
  /// Processor time of one text.
  var time: Duration
  /// The last text's vector.
  var vector: ArraySlice<Float>

  /// The vector's first number in whole thousandths.
  var firstNumber: Int { Int(((vector.first ?? 0) * 1_000).rounded()) }
}

/// Encodes single texts of one length on one thread.
struct EncodingLoad {
  /// How many tokens a text has, from 2 to 256, with the two that frame it.
  let tokens: Int
  /// How many texts count, at least 1.
  let texts: Int
  /// How often each of them is encoded beyond the first time, in vain.
  let handicap: Int
  /// Whether the first word is another one; a planted difference in the work.
  let hasOtherWord: Bool

  /// What is encoded: the word "test", again and again.
  var text: String {
    var words = [String](repeating: "test", count: tokens - 2)
    if hasOtherWord, !words.isEmpty { words[0] = "search" }
    return words.joined(separator: " ")
  }

  /// Encodes each text by a call of its own, after one that is not timed; the tokenizer is part of
  /// the time.
  func run(_ encoder: MiniLMEncoder) -> EncodingOutcome {
    let text = self.text
    var last = encoder.encode([text])
    let watch = ProcessorWatch()
    for _ in 0..<(texts * (1 + handicap)) { last = encoder.encode([text]) }
    let time = watch.elapsed
    return EncodingOutcome(
      time: Duration(nanoseconds: time.nanoseconds / Int64(texts)), vector: last[0])
  }
}
