// Every key of a manifest's network, its workload and its laws, with what it does.

extension ManifestKeys {
  static let network = SectionDescription(
    name: "network", summary: "Nodes, the links between them, and what goes wrong.",
    keys: [
      .required(
        "nodes",
        .either([
          .whole(atLeast: 1), .list(.either([.name, .section("node")])), .map(.whole(atLeast: 1)),
        ]),
        example: "nodes: {eu: 2, us: 1}",
        "How many nodes there are, or their names in a list, or how many each region has."),
      KeyDescription(
        "link", .section("link"), default: "a perfect link",
        example: "link: {delay: 20ms, loss: 1%}",
        "The link between two nodes for which nothing else is written."),
      KeyDescription(
        "links", .list(.section("link-between")), default: "none",
        example: "links: [{from: eu, to: us, both-ways: true, delay: 40ms}]",
        "Links that differ; for a pair that several name, the last one holds."),
      KeyDescription(
        "matrix", .section("matrix"), default: "none",
        example: "matrix: {round-trip: rtt.csv, unit: ms}",
        "A table of delays between regions or nodes, which replace the minimum of the link's "
          + "delay; links may differ again."),
      KeyDescription(
        "faults", .list(.section("fault")), default: "none",
        example: "faults: [{at: 5s, for: 2s, crash: 0}]", "What goes wrong, and when."),
    ])

  static let node = SectionDescription(
    name: "node", summary: "One node.",
    keys: [
      .required("name", .name, example: "name: alpha", "The name, which no other node has."),
      KeyDescription("region", .name, default: "none", example: "region: eu", "The region."),
    ])

  private static let linkKeys: [KeyDescription] = [
    KeyDescription(
      "delay", .either([.law(.seconds), .section("delay")]), default: "0s", example: "delay: 20ms",
      "The propagation delay of one way: constant, a law, a model or a recorded trace."),
    KeyDescription(
      "reordering", .flag, default: "false", example: "reordering: true",
      "Whether a datagram may overtake an earlier one."),
    KeyDescription(
      "loss", .either([.quantity(unit: .ratio), .section("burst-loss")]), default: "0%",
      example: "loss: 1%", "The chance that a datagram is lost, or bursts of losses."),
    KeyDescription(
      "duplication", .quantity(unit: .ratio), default: "0%", example: "duplication: 0.1%",
      "The chance that a datagram arrives twice."),
    KeyDescription(
      "corruption", .quantity(unit: .ratio), default: "0%", example: "corruption: 0.1%",
      "The chance that one byte of a datagram is changed."),
    KeyDescription(
      "bandwidth", .either([.quantity(unit: .rate), .choice(["unlimited"])]), default: "unlimited",
      example: "bandwidth: 10Mbit/s", "The rate of the narrowest hop."),
    KeyDescription(
      "queue", .quantity(unit: .size), default: "256KiB", example: "queue: 64KiB",
      "How much may wait for the narrowest hop; what does not fit is dropped."),
    KeyDescription(
      "maximum-packet", .quantity(unit: .size), default: "1500B", example: "maximum-packet: 1280B",
      "The largest packet on the path with its 28 bytes of IPv4 and UDP headers."),
    KeyDescription(
      "do-not-fragment", .flag, default: "false", example: "do-not-fragment: true",
      "Whether a datagram over the largest packet is dropped instead of being cut."),
  ]

  static let link = SectionDescription(
    name: "link", summary: "How one direction of a link treats datagrams.", keys: linkKeys)

  static let linkOverride = SectionDescription(
    name: "link-between",
    summary: "A link that differs; what it does not say, it has from the network's link.",
    keys: [
      .required("from", .name, example: "from: eu", "A node or region at one end."),
      .required("to", .name, example: "to: us", "A node or region at the other end."),
      KeyDescription(
        "both-ways", .flag, default: "false", example: "both-ways: true",
        "Whether it holds for the way back too."),
    ] + linkKeys)

  static let delay = SectionDescription(
    name: "delay",
    summary: "A delay as a minimum and what comes on top of it, or as a recorded trace.",
    keys: [
      KeyDescription(
        "minimum", .quantity(unit: .duration), default: "0s", example: "minimum: 18ms",
        "The delay that no datagram undercuts."),
      KeyDescription(
        "excess", .law(.seconds), default: "none",
        example: "excess: {law: gamma, shape: 2, scale: 1ms}",
        "The law of what comes on top; negative draws count as none."),
      KeyDescription(
        "drift", .section("drift"), default: "none",
        example: "drift: {deviation: 0.2, correlation-time: 10s}",
        "A slow movement of the excess."),
      KeyDescription(
        "spikes", .section("spikes"), default: "none",
        example: "spikes: {chance: 0.1%, size: 200ms}", "Rare additional delays."),
      KeyDescription(
        "trace", .either([.text, .list(.quantity(unit: .duration))]), example: "trace: delays.csv",
        "A CSV file, or a list, of delays: one a datagram, from the first again after the last."),
      KeyDescription(
        "column", .text, default: "the only one", example: "column: delay",
        "The column of the trace."),
      KeyDescription(
        "unit", .choice(["h", "min", "s", "ms", "us", "ns"]), default: "written in every cell",
        example: "unit: ms", "The unit of the trace's numbers."),
    ])

  static let drift = SectionDescription(
    name: "drift", summary: "A factor on the excess that wanders.",
    keys: [
      .required(
        "deviation", .number, example: "deviation: 0.2",
        "The standard deviation of the factor's logarithm."),
      .required(
        "correlation-time", .quantity(unit: .duration), example: "correlation-time: 10s",
        "The time in which the correlation falls by a factor of e."),
    ])

  static let spikes = SectionDescription(
    name: "spikes", summary: "Rare additional delays.",
    keys: [
      .required(
        "chance", .quantity(unit: .ratio), example: "chance: 0.1%",
        "The chance for each datagram."),
      .required("size", .law(.seconds), example: "size: 200ms", "The law of the additional delay."),
    ])

  static let burstLoss = SectionDescription(
    name: "burst-loss",
    summary: "Losses by the state of a chain that steps once a packet (Gilbert and Elliott).",
    keys: [
      .required(
        "good-to-bad", .quantity(unit: .ratio), example: "good-to-bad: 1%",
        "The chance to enter the bad state."),
      .required(
        "bad-to-good", .quantity(unit: .ratio), example: "bad-to-good: 25%",
        "The chance to leave it; bursts last one over this many packets on average."),
      KeyDescription(
        "loss-good", .quantity(unit: .ratio), default: "0%", example: "loss-good: 0%",
        "The loss in the good state."),
      KeyDescription(
        "loss-bad", .quantity(unit: .ratio), default: "100%", example: "loss-bad: 50%",
        "The loss in the bad state."),
    ])

  static let matrix = SectionDescription(
    name: "matrix", summary: "A square table of delays: a first line and a first column of names.",
    keys: [
      KeyDescription(
        "one-way", .either([.text, .list(.list(.value))]), example: "one-way: delays.csv",
        "A CSV file, or its rows, of delays from the row's name to the column's."),
      KeyDescription(
        "round-trip", .either([.text, .list(.list(.value))]), example: "round-trip: rtt.csv",
        "The same of round trips, of which each way takes half."),
      KeyDescription(
        "unit", .choice(["h", "min", "s", "ms", "us", "ns"]), default: "written in every cell",
        example: "unit: ms", "The unit of the table's numbers."),
    ])

  static let fault = SectionDescription(
    name: "fault", summary: "Something that goes wrong: when, how long, and one kind of fault.",
    keys: [
      KeyDescription(
        "at", .either([.quantity(unit: .duration), .list(.quantity(unit: .duration))]),
        example: "at: [5s, 20s]", "When it begins, since the world began."),
      KeyDescription(
        "every", .law(.seconds), example: "every: {law: exponential, mean: 10s}",
        "The time from the end of one to the start of the next, in place of at."),
      KeyDescription(
        "for", .quantity(unit: .duration), default: "for ever", example: "for: 2s",
        "How long it lasts; needed with every."),
      KeyDescription(
        "partition", .list(.list(.value)), example: "partition: [[0, 1], [2]]",
        "Datagrams pass only within a group; a node in no group is alone."),
      KeyDescription(
        "one-way", .section("one-way"), example: "one-way: {from: [0], to: [1, 2]}",
        "Datagrams from some nodes to some others are lost; the way back works."),
      KeyDescription(
        "bridge", .value, example: "bridge: 2",
        "Two halves that meet in one node only, which sees all others."),
      KeyDescription(
        "majorities-ring", .flag, example: "majorities-ring: true",
        "Every node sees a majority, but no two nodes the same one."),
      KeyDescription(
        "clog", .section("one-way"), example: "clog: {from: [0], to: [1]}",
        "Datagrams between the nodes wait until the fault ends."),
      KeyDescription(
        "crash", .value, example: "crash: 0",
        "The node stops; when the fault ends it starts anew from its disk."),
      KeyDescription(
        "pause", .value, example: "pause: 0",
        "The node does nothing; when the fault ends it takes what has arrived."),
      KeyDescription(
        "clock-skew", .section("clock-skew"), example: "clock-skew: {node: 0, offset: -5ms}",
        "The node's clock is wrong until the fault ends."),
    ])

  static let oneWay = SectionDescription(
    name: "one-way", summary: "A direction between nodes.",
    keys: [
      .required(
        "from", .list(.value), example: "from: [0]", "The senders, by number, name or region."),
      .required("to", .list(.value), example: "to: [1, 2]", "The receivers."),
    ])

  static let clockSkew = SectionDescription(
    name: "clock-skew", summary: "A clock that jumps and runs at another rate.",
    keys: [
      .required("node", .value, example: "node: 0", "The node, by number or name."),
      KeyDescription(
        "offset", .quantity(unit: .duration), default: "0s", example: "offset: -5ms",
        "How far the clock jumps."),
      KeyDescription(
        "rate", .number, default: "1", example: "rate: 1.001",
        "How many seconds it counts in a second."),
    ])

  static let workload = SectionDescription(
    name: "workload", summary: "What clients ask of a system, and when: open or closed.",
    keys: [
      KeyDescription(
        "open", .law(.seconds), example: "open: {law: exponential, mean: 10ms}",
        "The time between two requests, which come whether or not earlier ones were answered."),
      KeyDescription(
        "closed", .section("clients"), example: "closed: {clients: 4, think: 5ms}",
        "Clients that wait for an answer before they ask again."),
      .required(
        "requests", .whole(atLeast: 1), example: "requests: 1000", "How many requests are made."),
      .required("size", .law(.bytes), example: "size: 1kB", "The size of a request."),
    ])

  static let clients = SectionDescription(
    name: "clients", summary: "Clients that wait for an answer before they ask again.",
    keys: [
      .required("clients", .whole(atLeast: 1), example: "clients: 4", "How many there are."),
      KeyDescription(
        "think", .law(.seconds), default: "0s", example: "think: {law: exponential, mean: 5ms}",
        "The time from an answer to the next request."),
    ])

  static let law = SectionDescription(
    name: "law", summary: "A probability law; a bare quantity stands for a constant.",
    keys: [
      .required(
        "law", .choice(LawForm.all.map(\.name)), example: "law: gamma", "The name of the law.")
    ] + LawForm.parameterDescriptions)

  static let mixturePart = SectionDescription(
    name: "mixture-part", summary: "One law of a mixture with its weight.",
    keys: [
      .required(
        "weight", .number, example: "weight: 0.9", "How often it is chosen, relative to all.")
    ] + law.keys)
}
