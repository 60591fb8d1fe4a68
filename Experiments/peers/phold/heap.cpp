// PHOLD on a binary heap in C++17: the reference that the simulator's event queue is measured
// against.
//
// An arm of the experiment event-throughput: it speaks JSON lines over its standard streams.
//
// The work: N nodes, P messages in flight. A message that arrives at a node is counted there, and
// the node sends one more to a node drawn uniformly, which arrives after an exponential latency
// with mean 1 s. The run ends after M arrivals. A program that does the same prints the same
// checksum:
// - The stream is splitmix64 from the trial's seed. Each message takes two draws: x for the
//   latency, trunc(-log(1 - (x >> 11) * 2^-53) * 1e9) whole nanoseconds, and then y for the node,
//   y mod N.
// - The first P messages are sent at time 0. Messages arrive in the order of their times, and of
//   their sending where times are equal.
// - The checksum folds the arrivals c of each node, from node 0: sum = sum * 31 + c modulo 2^48.
//
// The CPU seconds are those of the M arrivals, after the first P messages were sent, so that a run
// of few events is not charged for the filling.

#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

namespace {

// A message in flight, in 16 bytes.
struct Event {
  std::int64_t nanoseconds;
  std::uint32_t sequence;
  std::uint32_t node;
};
static_assert(sizeof(Event) == 16);

// Sequence numbers may wrap, so the nearer of two counts as the earlier.
inline bool isBefore(const Event& left, const Event& right) {
  if (left.nanoseconds != right.nanoseconds) return left.nanoseconds < right.nanoseconds;
  return static_cast<std::int32_t>(left.sequence - right.sequence) < 0;
}

// A binary heap in one array; a hole moves, not pairs of events.
class EventHeap {
 public:
  explicit EventHeap(std::size_t capacity) { events_.reserve(capacity); }

  std::size_t bytes() const { return events_.capacity() * sizeof(Event); }

  void push(const Event& event) {
    std::size_t hole = events_.size();
    events_.push_back(event);
    rise(hole, event);
  }

  // The heap must not be empty.
  Event pop() {
    const Event first = events_.front();
    const Event last = events_.back();
    events_.pop_back();
    const std::size_t count = events_.size();
    if (count == 0) return first;
    sink(count, last);
    return first;
  }

 private:
  std::vector<Event> events_;

  void rise(std::size_t hole, const Event& event) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 2;
      if (!isBefore(event, events_[parent])) break;
      events_[hole] = events_[parent];
      hole = parent;
    }
    events_[hole] = event;
  }

  // Moves the hole at the root down the earlier children, as far as the event needs.
  void sink(std::size_t count, const Event& event) {
    std::size_t hole = 0;
    for (std::size_t child = 1; child < count; child = 2 * hole + 1) {
      if (child + 1 < count && isBefore(events_[child + 1], events_[child])) child += 1;
      if (!isBefore(events_[child], event)) break;
      events_[hole] = events_[child];
      hole = child;
    }
    events_[hole] = event;
  }
};

class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
  }

 private:
  std::uint64_t state_;
};

struct Settings {
  std::uint32_t population = 0;
  std::uint64_t events = 0;
  std::uint32_t nodes = 0;
  std::uint64_t seed = 0;
};

struct Outcome {
  double cpuSeconds = 0;
  std::uint64_t checksum = 0;
  std::size_t bytes = 0;
};

double processSeconds() {
  timespec now;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) != 0) {
    std::perror("error: no CPU clock");
    std::exit(1);
  }
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

Outcome run(const Settings& settings) {
  EventHeap heap(std::size_t{settings.population} + 1);
  SplitMix64 stream(settings.seed);
  std::uint32_t sequence = 0;
  const auto send = [&](std::int64_t now) {
    const double uniform = static_cast<double>(stream.next() >> 11) * 0x1p-53;
    const auto latency = static_cast<std::int64_t>(-std::log(1.0 - uniform) * 1e9);
    const auto node = static_cast<std::uint32_t>(stream.next() % settings.nodes);
    heap.push({now + latency, sequence++, node});
  };
  std::vector<std::uint32_t> arrivals(settings.nodes);
  for (std::uint32_t sent = 0; sent < settings.population; ++sent) send(0);

  const double begin = processSeconds();
  for (std::uint64_t done = 0; done < settings.events; ++done) {
    const Event event = heap.pop();
    arrivals[event.node] += 1;
    send(event.nanoseconds);
  }
  Outcome outcome;
  outcome.cpuSeconds = processSeconds() - begin;
  outcome.bytes = heap.bytes();
  for (const std::uint32_t count : arrivals) outcome.checksum = outcome.checksum * 31 + count;
  return outcome;
}

// The place of a key's value in a line of JSON, or npos. Each key that is looked for stands in the
// runner's requests once, and none of their texts can hold one in quotes.
std::size_t valueOf(const std::string& line, const std::string& key) {
  const std::size_t place = line.find("\"" + key + "\"");
  if (place == std::string::npos) return place;
  const std::size_t colon = line.find(':', place + key.size() + 2);
  return colon == std::string::npos ? colon : line.find_first_not_of(" \t\"", colon + 1);
}

// A whole number from `least` to `most`; false when there is none.
bool read(const std::string& line, const char* key, std::uint64_t most, std::uint64_t* value,
          int base = 10, std::uint64_t least = 1) {
  const std::size_t place = valueOf(line, key);
  if (place == std::string::npos || line[place] == '-') return false;
  char* end = nullptr;
  *value = std::strtoull(line.c_str() + place, &end, base);
  const bool isWhole = *end == ',' || *end == '}' || *end == '"' || *end == ' ';
  return end != line.c_str() + place && isWhole && *value >= least && *value <= most;
}

void answer(const std::string& line) {
  constexpr std::uint64_t populationMax = 1u << 30;
  constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t trial = 0, population = 0, nodes = 0;
  Settings settings;
  if (!read(line, "trial", any, &trial, 10, 0)) {
    std::fprintf(stderr, "error: the request has no trial\n");
    std::exit(1);
  }
  if (!read(line, "population", populationMax, &population) ||
      !read(line, "events", std::uint64_t{1} << 40, &settings.events) ||
      !read(line, "nodes", populationMax, &nodes) ||
      !read(line, "seed", any, &settings.seed, 16, 0)) {
    std::printf("{\"trial\":%" PRIu64
                ",\"error\":\"population, events, nodes or seed is missing or out of range\"}\n",
                trial);
    return;
  }
  settings.population = static_cast<std::uint32_t>(population);
  settings.nodes = static_cast<std::uint32_t>(nodes);
  const Outcome outcome = run(settings);
  if (outcome.cpuSeconds <= 0) {
    std::printf("{\"trial\":%" PRIu64 ",\"error\":\"the events are too few for the clock\"}\n",
                trial);
    return;
  }
  std::printf("{\"trial\":%" PRIu64 ",\"work\":%" PRIu64
              ",\"metrics\":{\"events_per_second\":%.17g,\"checksum\":%" PRIu64
              ",\"pending_bytes\":%.17g}}\n",
              trial, settings.events, static_cast<double>(settings.events) / outcome.cpuSeconds,
              outcome.checksum & 0xFFFFFFFFFFFFu,
              static_cast<double>(outcome.bytes) / settings.population);
}

}  // namespace

int main() {
  std::string line;
  std::getline(std::cin, line);
  std::printf("{\"fleetlab\":1,\"name\":\"phold-heap\",\"version\":\"1.0\",\"capabilities\":[]}\n");
  std::fflush(stdout);
  while (std::getline(std::cin, line) && line.find("\"run\"") != std::string::npos) {
    answer(line);
    std::fflush(stdout);
  }
}
