// Vectors of texts.

/// A vector for each text, in the order of the texts.
public struct Encodings: Hashable, Sendable {
  /// How many numbers a vector has.
  public let dimensions: Int
  /// All numbers, vector by vector.
  public internal(set) var numbers: [Float]

  /// Puts vectors together.
  ///
  /// - Precondition: The numbers are whole vectors.
  public init(dimensions: Int, numbers: [Float]) {
    precondition(dimensions > 0 && numbers.count % dimensions == 0, "whole vectors")
    self.dimensions = dimensions
    self.numbers = numbers
  }

  /// How many vectors there are.
  public var count: Int { numbers.count / dimensions }

  /// The vector of a text.
  ///
  /// - Precondition: There is such a text.
  public subscript(text: Int) -> ArraySlice<Float> {
    numbers[(text * dimensions)..<((text + 1) * dimensions)]
  }
}
