// Keys that follow from a seed, for captures of simulated runs.
import CTLS
public import LabCore

/// Makes the bytes of simulated QUIC follow from a seed, for the rest of the process.
///
/// Times and sizes follow from calls and streams alone. With seeded entropy, in a process that has
/// used no TLS before and runs one trial on one thread, the bytes do too, so that two captures of a
/// trial are equal.
public enum SeededEntropy {
  /// Seeds what GnuTLS draws its keys from.
  ///
  /// - Returns: Whether it was done; not so in a process that has opened a socket, or a second
  ///   time.
  public static func arm(_ seed: Seed) -> Bool {
    guard ProcessEntropy.decideForSeed() else { return false }
    fleetlab_tls_seed_entropy(seed.child("entropy").value)
    // GnuTLS mixes the time at which it first draws into what it draws.
    fleetlab_tls_set_time(QUICConfiguration.startOfSimulation)
    return true
  }
}
