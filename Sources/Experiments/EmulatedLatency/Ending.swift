// Using something that must be ended, whatever comes of it.

/// Calls a function and then ends what it used, also when it throws.
///
/// - Throws: The function's own error; else that of the end.
func using<Value>(
  endingWith end: () throws -> Void, _ body: () throws -> Value
) throws -> Value {
  let result = Result { try body() }
  let ended = Result { try end() }
  let value = try result.get()
  try ended.get()
  return value
}
