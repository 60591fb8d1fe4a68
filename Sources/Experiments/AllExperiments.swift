// The experiments of the laboratory.
public import LabRunner

/// Every experiment, in the order in which they are listed.
public enum AllExperiments {
  /// The types of the experiments.
  public static let types: [any Experiment.Type] = [
    SimulatorValidation.self, LiteralTransport.self, TransportLatency.self, EventSync.self,
    QUICThroughput.self, HostileDatagrams.self, ZeroRTT.self, EmulatedLatency.self,
    LoopbackRequests.self, EventSyncProcesses.self, BusThroughput.self, DocumentArithmetic.self,
    EventThroughput.self, RegressionDetection.self, TimedComparison.self, GateCalibration.self,
    EncoderSpeed.self, EncoderAgreement.self,
    ScanVersusHNSW.self, IndexBuilding.self, SearchGrowth.self, SearchService.self,
    SettingChoice.self,
    FilteredSearch.self, Deletes.self, LiteralSearchTest.self, IndexFiles.self,
    PolicyLearning.self, SelectionLearning.self, AlgorithmDifferences.self,
    OffPolicyHistory.self, HistoryPrioritisation.self,
    GraphWalks.self, OfflineControl.self,
  ]
}
