// What turns texts into vectors.

/// Turns texts into vectors of length 1 whose inner products say how alike the texts are.
public protocol TextEncoder: Sendable {
  /// What a record names the encoder by: the model and a digest of its weights, or the parameters
  /// that fix it. Two encoders of one identity give the same vectors up to rounding.
  var identity: String { get }
  /// The identity together with what the last bits of a vector depend on, such as kernels.
  var exactIdentity: String { get }
  /// How many numbers a vector has.
  var dimensions: Int { get }

  /// The vectors of texts, in their order.
  ///
  /// - Parameters:
  ///   - threads: How many threads compute, at least 1; the result does not depend on it.
  ///   - progress: Is told now and then how many texts are done, on any thread, one call at a time.
  func encode(_ texts: [String], threads: Int, progress: @escaping @Sendable (Int) -> Void)
    -> Encodings
}

extension TextEncoder {
  /// The vectors of texts, in their order, computed on this thread.
  public func encode(_ texts: [String]) -> Encodings {
    encode(texts, threads: 1) { _ in }
  }
}
