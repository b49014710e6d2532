// Cost of connections, all in: arrival, TCP at both ends, path, edge, results. 20 ms one way, 1 Gbit/s, no TLS, a
// request of 400 B, served from cache.
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"
#include "support/allocation_counter.hpp"
#include "tcp/connection.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

namespace {

using namespace firstbyte;

struct Load {
    std::int64_t clients = 400, sessions_per_s = 200;
    std::string response = "15KB";
    std::string loss = "0%";
    bool fast_open = false;
    std::string workload; ///< more keys, beginning with a comma
};

World world_of(const Load& load) {
    const std::string text =
        fmt::format(R"({{
      "format": 1, "name": "bench", "run": {{"duration": "10s", "replications": 1}},
      "pops": [{{"id": "edge"}}],
      "clients": [{{"id": "lab", "population": {}, "sessions": "{}/s", "rtt_to": {{"edge": "40ms"}},
                    "access": {{"down": "1Gbps", "up": "1Gbps", "loss": "{}"}}}}],
      "workload": {{"objects": [{{"id": "o", "request": "400B", "response": "{}"}}]{}}},
      "tls": "none", "edge": {{"cache_hit_ratio": 1}},
      "tcp": {{"client_edge": {{"fast_open": {}, "idle_timeout": "100000s"}}}}}})",
                    load.clients, load.sessions_per_s, load.loss, load.response, load.workload, load.fast_open);
    return build_world(load_scenario(text, "bench.fb.json"));
}

/// Runs the load again and again; reports what one connection costs.
void run(benchmark::State& state, const Load& load) {
    const World world = world_of(load);
    std::uint64_t connections = 0, events = 0;
    for (auto _ : state) {
        const Results results = simulate(world, {});
        connections += results.replications[0].connections[0].opened;
        events += results.replications[0].events;
    }
    state.counters["time_per_connection"] =
        benchmark::Counter(static_cast<double>(connections), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["events_per_connection"] = static_cast<double>(events) / static_cast<double>(connections);
}

void new_connection_15kb(benchmark::State& state) {
    Load load;
    load.fast_open = state.range(0) != 0;
    load.clients = state.range(1);
    load.sessions_per_s = state.range(1) / 2;
    run(state, load);
}

void new_connection_1mb(benchmark::State& state) {
    Load load;
    load.sessions_per_s = 10;
    load.response = "1MB";
    run(state, load);
}

/// 1 % in each direction, independent.
void new_connection_150kb_lossy(benchmark::State& state) {
    Load load;
    load.sessions_per_s = 20;
    load.response = "150KB";
    load.loss = "1%";
    run(state, load);
}

/// Most bytes in use at a time while `connections` stand open and idle, each after a request.
std::uint64_t most_bytes(std::int64_t connections) {
    Load load;
    load.clients = connections;
    load.sessions_per_s = connections / 10; // over the 10 s of the run
    load.workload = R"(, "requests_per_session": 2, "think_time": "1000s")";
    const World world = world_of(load);
    support::forget_most_bytes();
    const std::uint64_t before = support::most_bytes();
    benchmark::DoNotOptimize(simulate(world, {}));
    return support::most_bytes() - before;
}

/// Memory of a connection that stands idle: both ends' TCP, and with everything else that grows with it (the client,
/// its session, its paths, one pending event).
void idle_connection(benchmark::State& state) {
    constexpr std::int64_t fewer = 20'000, more = 40'000;
    std::uint64_t grown = 0;
    for (auto _ : state) grown = most_bytes(more) - most_bytes(fewer);
    state.counters["tcp_bytes"] = 2 * sizeof(tcp::Connection);
    if (support::allocations_counted())
        state.counters["all_bytes"] = static_cast<double>(grown) / static_cast<double>(more - fewer);
}

} // namespace

BENCHMARK(new_connection_15kb)
    ->ArgNames({"fast_open", "clients"})
    ->ArgsProduct({{0, 1}, {400, 4000}})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(new_connection_1mb)->Unit(benchmark::kMillisecond);
BENCHMARK(new_connection_150kb_lossy)->Unit(benchmark::kMillisecond);
BENCHMARK(idle_connection)->Unit(benchmark::kMillisecond)->Iterations(1);
