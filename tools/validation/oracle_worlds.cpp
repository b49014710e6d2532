// Scenarios that the experiments have in common, and how they are run.
#include "oracle_experiments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>

namespace firstbyte::validate {

namespace {

void show_instead(const std::vector<std::string>& scenarios, const Running& running) {
    if (running.shown == nullptr) return;
    for (const std::string& text : scenarios)
        running.shown->push_back(nlohmann::ordered_json::parse(text).dump(2) + "\n");
    throw OnlyShown{};
}

} // namespace

void in_parallel(std::uint64_t count, int jobs, const std::function<void(std::uint64_t)>& work) {
    std::atomic<std::uint64_t> next{0};
    std::exception_ptr failure;
    std::mutex guard;
    const auto worker = [&] {
        try {
            for (std::uint64_t n = next++; n < count; n = next++) work(n);
        } catch (...) {
            const std::lock_guard<std::mutex> lock(guard);
            failure = std::current_exception();
            next = count;
        }
    };
    std::vector<std::thread> threads;
    for (std::uint64_t n = 1; n < std::min(count, static_cast<std::uint64_t>(jobs)); ++n) threads.emplace_back(worker);
    worker();
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
}

std::vector<ReplicationResults> run_each(const std::vector<std::string>& scenarios, const Running& running, int times) {
    show_instead(scenarios, running);
    std::vector<ReplicationResults> sums(scenarios.size());
    const bool one_by_one = times > 1; // then the replications take the cores
    in_parallel(scenarios.size(), one_by_one ? 1 : running.jobs, [&](std::uint64_t n) {
        SimulateOptions simulating;
        simulating.jobs = one_by_one ? running.jobs : 1;
        simulating.replications = times;
        const Results results = simulate(build_world(load_scenario(scenarios[n], "oracle.fb.json")), simulating);
        for (const ReplicationResults& one : results.replications) sums[n].merge(one);
    });
    return sums;
}

ReplicationResults run_sum(const std::string& scenario, const Running& running, int times) {
    return std::move(run_each({scenario}, running, times).front());
}

Results run_traced(const std::string& scenario, const Running& running, std::uint32_t connections, std::uint64_t seed) {
    show_instead({scenario}, running);
    SimulateOptions simulating;
    simulating.seed = seed;
    simulating.trace.enabled = true;
    simulating.trace.first = connections;
    simulating.trace.first_given = true;
    return simulate(build_world(load_scenario(scenario, "oracle.fb.json")), simulating);
}

RequestResults all_requests(const ReplicationResults& results) {
    RequestResults all;
    for (const RequestResults& one : results.requests) all.merge(one);
    return all;
}

ConnectionResults all_connections(const ReplicationResults& results) {
    ConnectionResults all;
    for (const ConnectionResults& one : results.connections) all.merge(one);
    return all;
}

OriginResults all_origins(const ReplicationResults& results) {
    OriginResults all;
    for (const OriginResults& one : results.origins) all.merge(one);
    return all;
}

std::uint64_t ended(const RequestResults& requests) {
    std::uint64_t count = 0;
    for (const auto& [outcome, times] : requests.outcomes) count += times;
    return count;
}

std::uint64_t count_of(const RequestResults& requests, Cause cause) {
    std::uint64_t count = 0;
    for (const auto& [outcome, times] : requests.outcomes) count += outcome.cause == cause ? times : 0;
    return count;
}

double event_s(const TraceConnection& trace, const std::string& name) {
    for (const auto& [what, at] : trace.events)
        if (what == name) return to_seconds(at - trace.start);
    return -1;
}

Duration from_seconds(double s) { return Duration{std::llround(s * 1e9)}; }

std::string time_text(double s) { return fmt::format(R"("{}ns")", from_seconds(s).count()); }

std::string rate_text(double per_s) { return fmt::format(R"("{:.15f}/s")", per_s); }

std::string exponential_text(double mean_s) {
    return fmt::format(R"({{"dist": "exponential", "mean": {}}})", time_text(mean_s));
}

namespace {
/// In which so many requests come, in s.
double total_s(std::uint64_t samples, double rate_per_s) {
    // A Poisson count stays below its mean, hardly ever by four of its standard deviations.
    const auto count = static_cast<double>(samples);
    return (1.01 * count + 4 * std::sqrt(count)) / rate_per_s;
}
} // namespace

int times_for(std::uint64_t samples, double rate_per_s) {
    constexpr double longest_s = 2e8; // of the ten years, 3.2e8 s, that leaves some for the warm-up
    return std::max(replications, static_cast<int>(std::ceil(total_s(samples, rate_per_s) / longest_s)));
}

double window_s(std::uint64_t samples, double rate_per_s) {
    return std::ceil(total_s(samples, rate_per_s) / times_for(samples, rate_per_s));
}

std::string cached_world(const std::string& clients, const std::string& leg, double duration_s, std::int64_t response,
                         const std::string& events, double warmup_s) {
    return fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"warmup": {}, "duration": {}, "replications": {}}}, "pops": [{{"id": "p"}}],
      "clients": [{}], "workload": {{"objects": [{{"id": "o", "request": "400B", "response": "{}B"}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}}, "events": [{}],
      "tcp": {{"client_edge": {{{}}}}}}})",
                       time_text(warmup_s), time_text(duration_s), replications, clients, response, events, leg);
}

std::string origin_world(double rate_per_s, double warmup_s, double duration_s, const std::string& service,
                         const std::string& origin, const std::string& edge, const std::string& object) {
    return fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"warmup": {}, "duration": {}, "replications": {}}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "0s"}}, "service_time": {}, "preset": "go"{}}}],
      "clients": [{{"id": "c", "population": 1, "sessions": {}, "rtt_to": {{"p": "0s"}}}}],
      "workload": {{"objects": [{{"id": "x", "request": "100B", "response": "1KB"{}}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"{}}}}})",
                       time_text(warmup_s), time_text(duration_s), replications, service, origin, rate_text(rate_per_s),
                       object, edge);
}

} // namespace firstbyte::validate
