// Reading the model of a link.

import LabCore
import Network
import Statistics

extension StrictReader {
  /// A link; what is not written is as in the base.
  func link(base: LinkModel) -> LinkModel? {
    guard let fields = fields(ManifestKeys.link) else { return nil }
    return fields.link(base: base)
  }

  fileprivate func delayModel() -> DelayModel? {
    guard tree.entries != nil else { return duration().map(DelayModel.constant) }
    if tree["law"] != nil {
      return law(.seconds).map { .model(DelayParameters(minimum: .zero, excess: $0)) }
    }
    if tree["trace"] != nil { return trace() }
    guard let fields = fields(ManifestKeys.delay) else { return nil }
    for key in ["column", "unit"] where fields[key] != nil {
      fields[key]?.report(
        "manifest.conflict", "'\(key)' stands without 'trace'; it belongs to one; remove it")
    }
    let parameters = DelayParameters(
      minimum: fields.read("minimum") { $0.duration() } ?? .zero,
      excess: fields.read("excess") { $0.law(.seconds) },
      drift: fields.read("drift") { $0.drift() },
      spikes: fields.read("spikes") { $0.spikes() })
    if fields.keys.isEmpty {
      report(
        "manifest.missing-key",
        "the delay says nothing; a duration, a law, a minimum or a trace was expected; "
          + "write it like '20ms'")
    }
    if parameters.drift != nil, parameters.excess == nil, fields["excess"] == nil {
      report(
        "manifest.conflict",
        "the delay drifts but has no excess, and drift moves the excess only; an excess was "
          + "expected; add 'excess: …' or remove 'drift'")
    }
    return .model(parameters)
  }

  private func trace() -> DelayModel? {
    if tree["trace"]?.text != nil, !(tree["trace"]?.isBlank ?? true), !log.isEmpty {
      // The content of the file should stand here by now; why it does not, was reported.
      return nil
    }
    guard let fields = fields(["trace"]), let reader = fields["trace"] else { return nil }
    guard let delays = reader.list({ $0.duration() }) else { return nil }
    if reader.tree.items?.isEmpty ?? true {
      reader.report(
        "manifest.empty-list", "the trace is empty; at least one delay was expected; add one")
    }
    return .trace(delays)
  }

  private func drift() -> DelayDrift? {
    guard let fields = fields(ManifestKeys.drift) else { return nil }
    let deviation = fields.read("deviation") { $0.number(in: 0...100) }
    let time = fields.read("correlation-time") { $0.positiveDuration() }
    guard let deviation, let time else { return nil }
    return DelayDrift(deviation: deviation, correlationTime: time)
  }

  private func spikes() -> DelaySpikes? {
    guard let fields = fields(ManifestKeys.spikes) else { return nil }
    let chance = fields.read("chance") { $0.ratio() }
    let size = fields.read("size") { $0.law(.seconds) }
    guard let chance, let size else { return nil }
    return DelaySpikes(chance: chance, size: size)
  }

  fileprivate func lossModel() -> LossModel? {
    guard tree.entries != nil else {
      return ratio().map { $0 == .none ? .none : .bernoulli($0) }
    }
    guard let fields = fields(ManifestKeys.burstLoss) else { return nil }
    let goodToBad = fields.read("good-to-bad") { $0.ratio() }
    let badToGood = fields.read("bad-to-good") { $0.ratio() }
    let lossGood = fields.read("loss-good", default: Ratio.none) { $0.ratio() }
    let lossBad = fields.read("loss-bad", default: Ratio.percent(100)) { $0.ratio() }
    guard let goodToBad, let badToGood, let lossGood, let lossBad else { return nil }
    guard goodToBad > .none || badToGood > .none else {
      report(
        "manifest.conflict",
        "the chain never changes its state; a chance above 0% to leave one was expected; "
          + "write a plain ratio instead")
      return nil
    }
    return .gilbertElliott(
      goodToBad: goodToBad, badToGood: badToGood, lossGood: lossGood, lossBad: lossBad)
  }

  /// A duration above 0.
  func positiveDuration() -> Duration? {
    guard let duration = duration() else { return nil }
    guard duration > .zero else {
      outOfRange(tree.text ?? "", "a duration above 0s")
      return nil
    }
    return duration
  }

  /// A bandwidth: a rate or `unlimited`; wrapped twice because no limit is a value too.
  fileprivate func bandwidth() -> Double?? {
    if tree.text == "unlimited" { return .some(nil) }
    return bitsPerSecond().map { .some($0) }
  }

  fileprivate func packetSize() -> ByteCount? {
    guard let size = size() else { return nil }
    // Each fragment carries at least eight bytes behind a header of twenty.
    guard (68...65_535).contains(size.bytes) else {
      outOfRange(tree.text ?? "", "a packet of 68B to 65535B, the bounds of IPv4,")
      return nil
    }
    return size
  }
}

extension StrictFields {
  /// A link from the keys that describe links; what is not written is as in the base.
  func link(base: LinkModel) -> LinkModel? {
    let before = log.count
    var link = base
    if let delay = read("delay", { $0.delayModel() }) { link.delay = delay }
    if let flag = read("reordering", { $0.flag() }) { link.reordering = flag }
    if let loss = read("loss", { $0.lossModel() }) { link.loss = loss }
    if let ratio = read("duplication", { $0.ratio() }) { link.duplication = ratio }
    if let ratio = read("corruption", { $0.ratio() }) { link.corruption = ratio }
    if let rate = read("bandwidth", { $0.bandwidth() }) { link.bitsPerSecond = rate }
    if let size = read("queue", { $0.size() }) { link.queue = size }
    if let size = read("maximum-packet", { $0.packetSize() }) { link.maximumPacket = size }
    if let flag = read("do-not-fragment", { $0.flag() }) { link.doNotFragment = flag }
    return log.count == before ? link : nil
  }
}
