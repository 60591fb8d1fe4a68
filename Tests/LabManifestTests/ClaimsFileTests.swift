import LabManifest
import Testing

@Suite struct ClaimsFileTests {
  @Test func `a claim keeps what it says`() throws {
    let claims = try ClaimsFile.load(
      text: """
        fleetlab: 1
        claims:
          - id: Q4
            section: "3.1"
            quote: "words"
            criterion: >-
              one
              two
            experiment: literal-transport
            as-written: [literal-transport/events-parsed]
            ours: [literal-transport/corrected]
            when: {criterion: literal-transport/small, text: below 1 kB}
          - {id: cost-1, section: "8", quote: q, criterion: c, not-testable: a plan}
        """, path: "claims.yaml")
    #expect(
      claims == [
        Claim(
          id: "Q4", section: "3.1", quote: "words", criterion: "one two",
          experiment: "literal-transport", asWritten: ["literal-transport/events-parsed"],
          ours: ["literal-transport/corrected"],
          condition: Claim.Condition(criterion: "literal-transport/small", text: "below 1 kB"),
          notTestable: nil),
        Claim(
          id: "cost-1", section: "8", quote: "q", criterion: "c", experiment: nil, asWritten: [],
          ours: [], condition: nil, notTestable: "a plan"),
      ])
  }

  @Test func `all mistakes of a claims file are reported at once`() {
    #expect {
      _ = try ClaimsFile.load(
        text: """
          fleetlab: 1
          claims:
            - {id: A, section: "1", quote: q, criterion: c}
            - {id: A, section: "1", qoute: q, criterion: c, experiment: e}
            - {id: B, section: "1", quote: q, criterion: c, experiment: e, as-written: [e]}
            - {id: C, section: "1", quote: q, criterion: c, experiment: e, as-written: [e/x],
               not-testable: x}
          """, path: "claims.yaml")
    } throws: { error in
      "\(error)" == """
        claims.yaml:3:5: error: nothing decides the claim; an experiment or a reason was expected; \
        add 'experiment: …' or 'not-testable: …'
        claims.yaml:4:5: error: the key 'quote' is missing; it is required here; add 'quote: …'
        claims.yaml:4:10: error: the claim 'A' is on line 3 already; names that differ were \
        expected; rename one
        claims.yaml:4:27: error: unknown key 'qoute'; did you mean 'quote'?
        claims.yaml:5:79: error: 'e' names no criterion; a manifest and its criterion were \
        expected; write it like 'literal-transport/events-parsed'
        claims.yaml:7:20: error: the claim is not testable and has criteria as written; one of \
        them was expected; remove the other
        """
    }
  }
}
