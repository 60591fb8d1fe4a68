/// One claim of the document and what decides it.
public struct Claim: Hashable, Sendable {
  /// The name, as in `Q4` or `cost-1`.
  public var id: String
  /// The section of the document.
  public var section: String
  /// The words of the document.
  public var quote: String
  /// How it is decided, in words.
  public var criterion: String
  /// The experiment that decides it or will.
  public var experiment: String?
  /// The criteria, as `experiment/criterion`, that decide it for the document as written.
  public var asWritten: [String]
  /// The criteria that say what the corrected system reaches.
  public var ours: [String]
  /// The condition under which it holds although not in general.
  public var condition: Condition?
  /// Why it can never be tested here.
  public var notTestable: String?

  /// A condition in numbers with the criterion that shows it.
  public struct Condition: Hashable, Sendable {
    /// The criterion that passes where the condition is met.
    public var criterion: String
    /// The condition in words and numbers.
    public var text: String

    /// Describes a condition.
    public init(criterion: String, text: String) {
      self.criterion = criterion
      self.text = text
    }
  }

  /// Describes a claim.
  public init(
    id: String, section: String, quote: String, criterion: String, experiment: String?,
    asWritten: [String], ours: [String], condition: Condition?, notTestable: String?
  ) {
    self.id = id
    self.section = section
    self.quote = quote
    self.criterion = criterion
    self.experiment = experiment
    self.asWritten = asWritten
    self.ours = ours
    self.condition = condition
    self.notTestable = notTestable
  }
}
