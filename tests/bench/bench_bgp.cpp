// Cost of routing: reading the Internet, building its graph, one prefix over all of it, and what-if on its sites.

#include "bgp/caida.hpp"
#include "bgp/places.hpp"
#include "bgp/propagation.hpp"
#include "bgp/what_if.hpp"
#include "core/data_files.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace firstbyte::bgp {
namespace {

std::string internet_file() { return data_file("internet-2018.as-rel.txt.xz"); }

const AsGraph& internet() {
    static const AsGraph graph = [] {
        std::vector<LineFault> faults;
        return AsGraph(read_as_relationships(internet_file(), faults));
    }();
    return graph;
}

/// Sites that each buy from one of the larger transit ASes and peer with another.
std::vector<Announcement> sites(std::size_t count) {
    const Places nobody;
    const std::vector<NodeIndex> transit = TransitRanking(internet(), nobody).largest(std::nullopt, 2 * count);
    std::vector<Announcement> list(count);
    for (std::size_t index = 0; index < count; ++index) {
        list[index].asn = 64500; // RFC 5398
        list[index].providers = {transit[index]};
        list[index].peers = {transit[count + index]};
    }
    return list;
}

void unpack_internet(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(read_text_file(internet_file()).size());
}
BENCHMARK(unpack_internet)->Unit(benchmark::kMillisecond);

void parse_internet(benchmark::State& state) {
    const std::string text = read_text_file(internet_file());
    for (auto _ : state) {
        std::vector<LineFault> faults;
        benchmark::DoNotOptimize(parse_as_relationships(text, faults));
    }
}
BENCHMARK(parse_internet)->Unit(benchmark::kMillisecond);

/// From the shipped file to a graph that is ready: what a user waits for.
void load_internet(benchmark::State& state) {
    for (auto _ : state) {
        std::vector<LineFault> faults;
        const AsGraph graph(read_as_relationships(internet_file(), faults));
        benchmark::DoNotOptimize(graph.node_count());
    }
}
BENCHMARK(load_internet)->Unit(benchmark::kMillisecond);

void parse_and_build_internet(benchmark::State& state) {
    const std::string text = read_text_file(internet_file());
    for (auto _ : state) {
        std::vector<LineFault> faults;
        const AsGraph graph(parse_as_relationships(text, faults));
        benchmark::DoNotOptimize(graph.node_count());
    }
}
BENCHMARK(parse_and_build_internet)->Unit(benchmark::kMillisecond);

void read_places(benchmark::State& state) {
    static_cast<void>(cities()); // read once per process
    for (auto _ : state) benchmark::DoNotOptimize(Places::shipped().empty());
}
BENCHMARK(read_places)->Unit(benchmark::kMillisecond);

/// Converged routes of all 61,164 ASes.
void propagate(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        const Routes routes(internet(), announcements);
        benchmark::DoNotOptimize(routes.reached(0));
    }
}
BENCHMARK(propagate)->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMicrosecond);

/// Why every AS chose as it did.
void decide_for_all(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(100);
    const Routes routes(internet(), announcements);
    for (auto _ : state) {
        std::size_t ties = 0;
        for (NodeIndex node = 0; node < internet().node_count(); ++node)
            if (routes.reached(node) && routes.decided_by(node) == DecidedBy::NeighborAsn) ++ties;
        benchmark::DoNotOptimize(ties);
    }
}
BENCHMARK(decide_for_all)->Unit(benchmark::kMillisecond);

/// The order of the neighbours by a hash instead of by their numbers.
void propagate_by_hash(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        const Routes routes(internet(), announcements, {TieBreak::Hash, 1, {}, {}});
        benchmark::DoNotOptimize(routes.reached(0));
    }
}
BENCHMARK(propagate_by_hash)->Arg(100)->Unit(benchmark::kMicrosecond);

/// One withdrawal and its undoing, each of the sites in turn; the counter is the ASes that change, on average.
void withdraw_one(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(static_cast<std::size_t>(state.range(0)));
    WhatIf what_if(Routes(internet(), announcements));
    std::uint32_t site = 0;
    std::size_t changed = 0;
    for (auto _ : state) {
        what_if.withdraw(site);
        what_if.for_each_change([&](const RouteChange&) { ++changed; });
        what_if.undo();
        site = (site + 1) % static_cast<std::uint32_t>(announcements.size());
    }
    state.counters["ases"] = benchmark::Counter(static_cast<double>(changed), benchmark::Counter::kAvgIterations);
}
BENCHMARK(withdraw_one)->Arg(10)->Arg(100)->Arg(300)->Unit(benchmark::kMicrosecond);

/// Everything but the graph is part of it: one propagation, and each of the sites withdrawn.
void withdraw_each(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::size_t changed = 0;
        WhatIf what_if(Routes(internet(), announcements));
        what_if.for_each_withdrawal(
            [&](std::uint32_t) { what_if.for_each_change([&](const RouteChange&) { ++changed; }); });
        benchmark::DoNotOptimize(changed);
    }
}
BENCHMARK(withdraw_each)->Arg(100)->Unit(benchmark::kMillisecond);

/// The same for all pairs: 4,950 of 100 sites.
void withdraw_pairs(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::size_t changed = 0;
        WhatIf what_if(Routes(internet(), announcements));
        what_if.for_each_pair(
            [&](std::uint32_t, std::uint32_t) { what_if.for_each_change([&](const RouteChange&) { ++changed; }); });
        benchmark::DoNotOptimize(changed);
    }
}
BENCHMARK(withdraw_pairs)->Arg(100)->Unit(benchmark::kMillisecond);

#ifdef __GLIBC__
double allocated_megabytes() {
    const struct mallinfo2 now = mallinfo2();
    return static_cast<double>(now.uordblks + now.hblkhd) / 1e6;
}

/// Memory of the graph and of the routes to one prefix; the time is that of loading and one propagation.
void hold_internet_and_prefix(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(100);
    double graph_takes = 0, routes_take = 0, what_if_takes = 0;
    for (auto _ : state) {
        const double before = allocated_megabytes();
        std::vector<LineFault> faults;
        const AsGraph graph(read_as_relationships(internet_file(), faults));
        const double with_graph = allocated_megabytes();
        const Routes routes(graph, announcements);
        const double with_routes = allocated_megabytes();
        const WhatIf what_if(routes);
        graph_takes = with_graph - before;
        routes_take = with_routes - with_graph;
        what_if_takes = allocated_megabytes() - with_routes;
    }
    state.counters["graph_MB"] = graph_takes;
    state.counters["routes_MB"] = routes_take;
    state.counters["what_if_MB"] = what_if_takes;
}
BENCHMARK(hold_internet_and_prefix)->Unit(benchmark::kMillisecond);
#endif

} // namespace
} // namespace firstbyte::bgp
