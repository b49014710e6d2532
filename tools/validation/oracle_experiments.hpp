/// The experiments, by subject, and what they share.
#pragma once

#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"
#include "oracles.hpp"

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace firstbyte::validate {

/// How experiments are run.
struct Running {
    double scale = 1;
    int jobs = 1;
    std::vector<std::string>* shown = nullptr; ///< scenarios are put there in place of being run
};

/// Leaves an experiment whose scenarios were to be shown only.
struct OnlyShown {};

/// A case whose inputs are not those of its family.
struct InputError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// How the cases of one family are run.
struct Experiment {
    const char* family;
    Observed (*run)(const OracleCase& given, const Running& running);
    const char* inputs; ///< every one that a case may have, separated by spaces
};
using Experiments = std::vector<Experiment>;

[[nodiscard]] Experiments ladder_experiments();    ///< round trips and timers, exact
[[nodiscard]] Experiments handshake_experiments(); ///< handshakes under loss
[[nodiscard]] Experiments fast_open_experiments(); ///< savings, cookies, the listener's queue
[[nodiscard]] Experiments transfer_experiments();  ///< long transfers, slow start under loss
[[nodiscard]] Experiments queue_experiments();     ///< workers of an origin, deadlines
[[nodiscard]] Experiments cache_experiments();     ///< caches, popularity
[[nodiscard]] Experiments pool_experiments();      ///< pooled connections, connections that routes break
[[nodiscard]] Experiments routing_experiments();   ///< convergence, distance

/// @throws InputError  when the case has no such input
[[nodiscard]] double number(const OracleCase& given, const char* input);
[[nodiscard]] double number_or(const OracleCase& given, const char* input, double otherwise);
[[nodiscard]] std::uint64_t whole(const OracleCase& given, const char* input);
[[nodiscard]] bool truth(const OracleCase& given, const char* input);
/// @throws InputError  when the input is none of these words, which spaces separate
[[nodiscard]] std::string word(const OracleCase& given, const char* input, const char* words);
[[nodiscard]] bool has(const OracleCase& given, const char* input);
/// Samples to take for a case of that least number.
[[nodiscard]] std::uint64_t samples_of(const OracleCase& given, const Running& running);
/// Share of `samples` that counts.
[[nodiscard]] Observed share(std::uint64_t count, std::uint64_t samples);
/// Mean of times, in s.
[[nodiscard]] Observed mean_s(const Histogram& times);
[[nodiscard]] Duration from_seconds(double s);
[[nodiscard]] std::string time_text(double s);             ///< as a scenario spells it
[[nodiscard]] std::string rate_text(double per_s);         ///< as a scenario spells it
[[nodiscard]] std::string exponential_text(double mean_s); ///< a distribution

constexpr int replications = 8; ///< that most experiments are spread over, for the cores
/// Replications for so many requests: more where these come so slowly that a run would last longer than a scenario may.
[[nodiscard]] int times_for(std::uint64_t samples, double rate_per_s);
/// Length of each of them, in s.
[[nodiscard]] double window_s(std::uint64_t samples, double rate_per_s);

/// Calls `work` with 0 ... count - 1, each once, on so many threads.
void in_parallel(std::uint64_t count, int jobs, const std::function<void(std::uint64_t)>& work);

/// Runs each scenario with so many replications and adds these up.
[[nodiscard]] std::vector<ReplicationResults> run_each(const std::vector<std::string>& scenarios,
                                                       const Running& running, int times = replications);
[[nodiscard]] ReplicationResults run_sum(const std::string& scenario, const Running& running, int times = replications);
/// Runs it once with the packets of its first connections.
[[nodiscard]] Results run_traced(const std::string& scenario, const Running& running, std::uint32_t connections = 1,
                                 std::uint64_t seed = 1);
[[nodiscard]] RequestResults all_requests(const ReplicationResults& results);
[[nodiscard]] ConnectionResults all_connections(const ReplicationResults& results);
[[nodiscard]] OriginResults all_origins(const ReplicationResults& results);
[[nodiscard]] std::uint64_t ended(const RequestResults& requests);
[[nodiscard]] std::uint64_t count_of(const RequestResults& requests, Cause cause);
/// Time of an event of a traced connection since its start, in s; -1: there is none.
[[nodiscard]] double event_s(const TraceConnection& trace, const std::string& name);

/// A scenario without TLS in which everything comes from cache, in no time.
/// @param leg  keys of tcp.client_edge
[[nodiscard]] std::string cached_world(const std::string& clients, const std::string& leg, double duration_s,
                                       std::int64_t response = 500, const std::string& events = "",
                                       double warmup_s = 0);
/// A scenario in which everything goes to an origin next door, for one client group of that rate.
/// @param origin, edge, object  further keys, each beginning with a comma or empty
[[nodiscard]] std::string origin_world(double rate_per_s, double warmup_s, double duration_s,
                                       const std::string& service, const std::string& origin, const std::string& edge,
                                       const std::string& object = "");

} // namespace firstbyte::validate
