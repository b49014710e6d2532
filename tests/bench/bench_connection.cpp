// Cost of one request of 400 B with a response of 15 kB on a new connection, all in: arrival, TCP at both ends, path,
// edge, results. 20 ms one way, 1 Gbit/s, no TLS, served from cache.
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace {

using namespace firstbyte;

void new_connection_15kb(benchmark::State& state) {
    const bool fast_open = state.range(0) != 0;
    const std::string text = fmt::format(R"({{
      "format": 1, "name": "bench", "run": {{"duration": "10s", "replications": 1}},
      "pops": [{{"id": "edge"}}],
      "clients": [{{"id": "lab", "population": {}, "sessions": "{}/s", "rtt_to": {{"edge": "40ms"}},
                    "access": {{"down": "1Gbps", "up": "1Gbps"}}}}],
      "workload": {{"objects": [{{"id": "o", "request": "400B", "response": "15KB"}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 1}}, "tcp": {{"client_edge": {{"fast_open": {}}}}}}})",
        state.range(1), state.range(1) / 2, fast_open);
    const World world = build_world(load_scenario(text, "bench.fb.json"));
    std::uint64_t connections = 0, events = 0;
    for (auto _ : state) {
        const Results results = simulate(world, {});
        connections += results.replications[0].connections[0].opened;
        events += results.replications[0].events;
    }
    state.counters["time_per_connection"] = benchmark::Counter(
        static_cast<double>(connections), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["events_per_connection"] = static_cast<double>(events) / static_cast<double>(connections);
}

} // namespace

BENCHMARK(new_connection_15kb)
    ->ArgNames({"fast_open", "clients"})
    ->ArgsProduct({{0, 1}, {400, 4000}})
    ->Unit(benchmark::kMillisecond);
