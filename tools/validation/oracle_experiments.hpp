/// The experiments, by subject, and what they share.
#pragma once

#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"
#include "oracles.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::validate {

using Experiment = Observed (*)(const OracleCase& given, const OracleOptions& options);
using Experiments = std::vector<std::pair<const char*, Experiment>>;

[[nodiscard]] Experiments handshake_experiments(); ///< round trips, ladders, handshakes under loss, Fast Open
[[nodiscard]] Experiments transfer_experiments();  ///< slow start, long transfers
[[nodiscard]] Experiments edge_experiments();      ///< queues, deadlines, caches, pools
[[nodiscard]] Experiments routing_experiments();   ///< convergence, distance

[[nodiscard]] double number(const OracleCase& given, const char* input);
/// Samples to take for a case of that least number.
[[nodiscard]] std::uint64_t samples_of(const OracleCase& given, const OracleOptions& options);

/// Runs `text` on as many replications as make good use of the cores, and adds them up.
[[nodiscard]] ReplicationResults run_sum(const std::string& text, const OracleOptions& options, int replications = 1);
/// Runs it once with the packets of its first connections.
[[nodiscard]] Results run_traced(const std::string& text, std::uint32_t connections, std::uint64_t seed = 1);
[[nodiscard]] RequestResults all_requests(const ReplicationResults& results);
[[nodiscard]] std::uint64_t ended(const RequestResults& requests);
[[nodiscard]] std::uint64_t count_of(const RequestResults& requests, Cause cause);
/// Time of an event of a traced connection since its start, in s; -1: there is none.
[[nodiscard]] double event_s(const TraceConnection& trace, const std::string& name);

/// A scenario without TLS in which everything comes from cache, in no time.
/// @param leg  keys of tcp.client_edge
[[nodiscard]] std::string cached_world(const std::string& clients, const std::string& leg, double duration_s,
                                       std::int64_t response = 500, const std::string& events = "");
/// A scenario in which everything goes to an origin next door, for one client group of that rate.
/// @param origin, edge, object  further keys, each beginning with a comma or empty
[[nodiscard]] std::string origin_world(double rate_per_s, double warmup_s, double duration_s,
                                       const std::string& service, const std::string& origin, const std::string& edge,
                                       const std::string& object = "");

} // namespace firstbyte::validate
