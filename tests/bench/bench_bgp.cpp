// Cost of routing: reading the Internet, building its graph, one prefix over all of it.

#include "bgp/caida.hpp"
#include "bgp/places.hpp"
#include "bgp/propagation.hpp"
#include "core/data_files.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

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

void read_internet(benchmark::State& state) {
    for (auto _ : state) {
        std::vector<LineFault> faults;
        benchmark::DoNotOptimize(read_as_relationships(internet_file(), faults));
    }
}
BENCHMARK(read_internet)->Unit(benchmark::kMillisecond);

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

} // namespace
} // namespace firstbyte::bgp
