// swift-tools-version: 6.3
// The rooms of the laboratory; arrows point down only, and Tests/TidyTests holds them.
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A library target in its wing, with files that become part of its code.
func room(
  _ name: String, in wing: String, on dependencies: [Target.Dependency], embedding: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)",
    resources: embedding.map { .embedInCode($0) }, swiftSettings: settings)
}

/// The tests of a target.
func tests(of name: String, on dependencies: [Target.Dependency], data: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", exclude: data,
    swiftSettings: settings)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
  name: "FleetLab",
  products: [
    .executable(name: "fleetlab", targets: ["fleetlab"]),
    .library(name: "FleetTransport", targets: ["LabCore", "Transport", "Events"]),
    .library(name: "FleetVectorSearch", targets: ["VectorSearch"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CGSL", path: "Sources/System/CGSL", pkgConfig: "gsl",
      providers: [.apt(["libgsl-dev"])]),
    .systemLibrary(
      name: "CNgtcp2", path: "Sources/System/CNgtcp2", pkgConfig: "libngtcp2",
      providers: [.apt(["libngtcp2-dev"])]),
    .systemLibrary(
      name: "CNgtcp2Crypto", path: "Sources/System/CNgtcp2Crypto",
      pkgConfig: "libngtcp2_crypto_gnutls", providers: [.apt(["libngtcp2-crypto-gnutls-dev"])]),
    .systemLibrary(
      name: "CGnuTLS", path: "Sources/System/CGnuTLS", pkgConfig: "gnutls",
      providers: [.apt(["libgnutls28-dev"])]),
    .systemLibrary(name: "CAllocator", path: "Sources/System/CAllocator"),
    .target(name: "CTLS", dependencies: ["CGnuTLS"], path: "Sources/System/CTLS"),
    .target(name: "CDistance", path: "Sources/System/CDistance"),
    .target(name: "CTunnel", path: "Sources/System/CTunnel"),
    .target(name: "CLinearAlgebra", path: "Sources/System/CLinearAlgebra"),

    room("LabCore", in: "Ground", on: []),
    room("Journal", in: "Ground", on: ["LabCore"]),
    room("ArrayFiles", in: "Ground", on: ["LabCore", "Journal"]),
    room("Statistics", in: "Ground", on: ["LabCore", "CGSL"]),
    room("Network", in: "Ground", on: ["LabCore", "Statistics"]),
    room("LinearAlgebra", in: "Ground", on: ["CLinearAlgebra"]),

    room(
      "Transport", in: "Subjects",
      on: [
        "LabCore", "CNgtcp2", "CNgtcp2Crypto", "CGnuTLS", "CTLS",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ]),
    room("Events", in: "Subjects", on: ["LabCore", "Transport"]),
    room("VectorSearch", in: "Subjects", on: ["LabCore", "Journal", "CDistance"]),
    room("Corpus", in: "Subjects", on: ["LabCore", crypto]),
    room("Embedding", in: "Subjects", on: ["LabCore", "Journal", "LinearAlgebra", crypto]),
    room("Learning", in: "Subjects", on: ["LabCore", "Journal", "LinearAlgebra"]),

    room("Simulation", in: "Worlds", on: ["LabCore", "Statistics", "Journal", "Network"]),
    room(
      "Sockets", in: "Worlds",
      on: [
        "LabCore", "Statistics", "Journal", "Network",
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
      ]),
    room("Emulation", in: "Worlds", on: ["LabCore", "Statistics", "Network", "CTunnel"]),

    room(
      "LabManifest", in: "Laboratory",
      on: ["LabCore", "Statistics", "Network", "Yams", crypto]),
    room(
      "LabRecord", in: "Laboratory",
      on: ["LabCore", "Statistics", "Journal", "LabManifest", crypto]),
    room(
      "LabRunner", in: "Laboratory",
      on: [
        "LabCore", "Statistics", "Journal", "ArrayFiles", "LabManifest", "LabRecord", "CAllocator",
      ]),
    room("LabGate", in: "Laboratory", on: ["LabCore", "Statistics", "LabManifest", "LabRecord"]),
    room(
      "LabReport", in: "Laboratory",
      on: ["LabCore", "Statistics", "Journal", "LabManifest", "LabRecord", "LabGate"],
      embedding: ["Page/page.css", "Page/page.js"]),

    .target(
      name: "Experiments",
      dependencies: [
        "LabCore", "Statistics", "Journal", "Network", "Transport", "Simulation", "Sockets",
        "Emulation", "LabManifest", "LabRecord", "LabRunner", "LabGate", "ArrayFiles",
        "LinearAlgebra", "VectorSearch", "Corpus", "Embedding", "Events", "Learning",
        .product(name: "DequeModule", package: "swift-collections"),
      ],
      path: "Sources/Experiments", swiftSettings: settings),
    .executableTarget(
      name: "fleetlab",
      dependencies: [
        "LabCore", "Statistics", "Journal", "Experiments", "LabManifest", "LabRecord", "LabRunner",
        "LabGate", "LabReport", "ArrayFiles", "VectorSearch", "Corpus", "Embedding", "Transport",
        "Sockets", "Learning", "LinearAlgebra",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/fleetlab", swiftSettings: settings),

    .target(
      name: "TrialInstances", dependencies: ["LabCore"], path: "Tests/TrialInstances",
      swiftSettings: settings),
    .executableTarget(
      name: "Trajectory", dependencies: ["LabCore", "Statistics", "Network", "Simulation"],
      path: "Tests/Fixtures/Trajectory", swiftSettings: settings),
    .executableTarget(
      name: "TrialWorker",
      dependencies: ["LabCore", "Statistics", "LabManifest", "LabRecord", "LabRunner"],
      path: "Tests/Fixtures/TrialWorker", swiftSettings: settings),

    .executableTarget(
      name: "LargeRecord",
      dependencies: [
        "LabCore", "Statistics", "LabManifest", "LabRecord", "LabRunner", "Experiments",
      ],
      path: "Tests/Fixtures/LargeRecord", exclude: ["large-record.yaml"], swiftSettings: settings),

    tests(of: "LabCore", on: ["LabCore", "TrialInstances"]),
    tests(of: "Journal", on: ["LabCore", "Journal"]),
    tests(of: "ArrayFiles", on: ["LabCore", "Journal", "ArrayFiles"], data: ["Fixtures"]),
    tests(of: "Statistics", on: ["LabCore", "Statistics", "CGSL"], data: ["Fixtures"]),
    tests(of: "Network", on: ["LabCore", "Statistics", "Network"]),
    tests(of: "LinearAlgebra", on: ["LabCore", "LinearAlgebra"]),
    tests(
      of: "Simulation",
      on: ["LabCore", "Statistics", "Journal", "Network", "Simulation", "TrialInstances"]),
    tests(
      of: "Transport",
      on: [
        "LabCore", "Statistics", "Network", "Simulation", "Sockets", "Transport", "TrialInstances",
      ]),
    tests(
      of: "Events",
      on: [
        "LabCore", "Statistics", "Network", "Transport", "Events", "Simulation", "TrialInstances",
      ]),
    tests(of: "VectorSearch", on: ["LabCore", "Journal", "CDistance", "VectorSearch"]),
    tests(of: "Corpus", on: ["LabCore", "Corpus"]),
    tests(
      of: "Embedding", on: ["LabCore", "Journal", "LinearAlgebra", "Embedding", crypto],
      data: ["Fixtures"]),
    tests(of: "Emulation", on: ["LabCore", "Statistics", "Network", "Emulation"]),
    tests(
      of: "Learning", on: ["LabCore", "Journal", "LinearAlgebra", "Learning"], data: ["Fixtures"]),
    tests(
      of: "Sockets", on: ["LabCore", "Statistics", "Network", "Sockets", "TrialInstances"]),
    tests(of: "LabManifest", on: ["LabCore", "Statistics", "Network", "LabManifest"]),
    tests(of: "LabRecord", on: ["LabCore", "Statistics", "LabManifest", "LabRecord"]),
    tests(
      of: "LabRunner",
      on: [
        "LabCore", "Statistics", "Journal", "ArrayFiles", "LabManifest", "LabRecord", "LabRunner",
        "TrialWorker",
      ]),
    tests(of: "LabGate", on: ["LabCore", "Statistics", "LabManifest", "LabRecord", "LabGate"]),
    tests(
      of: "LabReport",
      on: ["LabCore", "Statistics", "LabManifest", "LabRecord", "LabGate", "LabReport"],
      data: ["Fixtures"]),
    tests(
      of: "Experiments",
      on: [
        "LabCore", "Statistics", "Network", "Transport", "Simulation", "Sockets", "Experiments",
        "LabGate", "LabManifest", "LabRecord", "LabRunner", "ArrayFiles", "VectorSearch", "Corpus",
        "Embedding", "Events", "Learning", "LinearAlgebra",
      ]),
    tests(
      of: "CommandLine",
      on: [
        "LabCore", "LabRecord", "LabRunner", "ArrayFiles", "VectorSearch", "Experiments",
        "fleetlab",
      ]),
    tests(of: "Tidy", on: []),
  ]
)
