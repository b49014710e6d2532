// Cost of BGP by messages: path exploration in cliques, and one site of many leaving the whole Internet.

#include "bgp/caida.hpp"
#include "bgp/convergence.hpp"
#include "bgp/convergence_queue.hpp"
#include "bgp/places.hpp"
#include "core/data_files.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <vector>

namespace firstbyte::bgp {
namespace {

using namespace std::chrono_literals;

const AsGraph& internet() {
    static const AsGraph graph = [] {
        std::vector<LineFault> faults;
        return AsGraph(read_as_relationships(data_file("internet-2018.as-rel.txt.xz"), faults));
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

RoutingChange withdrawal(std::uint32_t announcement) {
    RoutingChange change;
    change.at = Instant{} + 1s;
    change.announcement = announcement;
    return change;
}

/// What the last run did; the rate is that of UPDATEs.
void count_updates(benchmark::State& state, const RouteTimeline::Figures& figures, std::size_t choices) {
    const auto updates = static_cast<std::int64_t>(figures.announcements + figures.withdrawals);
    state.SetItemsProcessed(updates * state.iterations());
    state.counters["updates"] = static_cast<double>(updates);
    state.counters["choices"] = static_cast<double>(choices);
    state.counters["last_s"] = to_seconds(figures.last_choice - figures.at);
}

/// The origin behind a clique without policy withdraws: next to nothing but messages.
void explore_clique(benchmark::State& state) {
    const auto size = static_cast<AsNumber>(state.range(0));
    AsLinks links;
    links.provider_customer.emplace_back(1, 1000);
    for (AsNumber a = 1; a <= size; ++a)
        for (AsNumber b = a + 1; b <= size; ++b) links.peers.emplace_back(a, b);
    const AsGraph graph(std::move(links));
    Announcement origin;
    origin.asn = 1000;
    origin.node = graph.find(1000);
    ConvergenceSettings settings;
    settings.policy = RoutingPolicy::None;
    settings.mrai_jitter = state.range(1) != 0 ? 0.25 : 0;
    const std::vector<Announcement> announcements{origin};
    const std::vector<RoutingChange> changes{withdrawal(0)};
    RouteTimeline::Figures figures;
    std::size_t choices = 0;
    for (auto _ : state) {
        const RouteTimeline timeline(graph, announcements, settings, changes);
        figures = timeline.figures().back();
        choices = timeline.changes().size();
    }
    count_updates(state, figures, choices);
}
BENCHMARK(explore_clique)->Args({30, 0})->Args({30, 1})->Args({60, 1})->Unit(benchmark::kMillisecond);

/// One of `range(0)` sites withdraws, with an MRAI of `range(1)` seconds, jittered.
void withdraw_from_internet(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(static_cast<std::size_t>(state.range(0)));
    ConvergenceSettings settings;
    settings.mrai = Duration{std::chrono::seconds{state.range(1)}};
    const std::vector<RoutingChange> changes{withdrawal(0)};
    RouteTimeline::Figures figures;
    std::size_t choices = 0;
    for (auto _ : state) {
        const RouteTimeline timeline(internet(), announcements, settings, changes);
        figures = timeline.figures().back();
        choices = timeline.changes().size();
    }
    count_updates(state, figures, choices);
}
BENCHMARK(withdraw_from_internet)
    ->Args({100, 30})
    ->Args({100, 0})
    ->Args({10, 30})
    ->Args({2, 30})
    ->Args({1, 30})
    ->Unit(benchmark::kMillisecond);

/// Without changes: what starting costs.
void start_on_internet(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(100);
    for (auto _ : state) {
        const RouteTimeline timeline(internet(), announcements, {}, {});
        benchmark::DoNotOptimize(timeline.changes().size());
    }
}
BENCHMARK(start_on_internet)->Unit(benchmark::kMillisecond);

/// The fixpoint by messages instead of the static solver.
void converge_internet(benchmark::State& state) {
    const std::vector<Announcement> announcements = sites(100);
    for (auto _ : state) benchmark::DoNotOptimize(converge(internet(), announcements, {}).best.size());
}
BENCHMARK(converge_internet)->Unit(benchmark::kMillisecond);

void queue_of_pending_events(benchmark::State& state) {
    ConvergenceQueue queue;
    std::vector<ConvergenceQueue::Event> due;
    std::uint64_t random = 1;
    for (std::uint32_t i = 0; i < state.range(0); ++i) queue.push({static_cast<std::int64_t>(i) * 1000, 0, i});
    for (auto _ : state) {
        queue.take_instant(due);
        for (ConvergenceQueue::Event event : due) {
            random = random * 6364136223846793005 + 1442695040888963407; // Knuth's MMIX
            event.at += static_cast<std::int64_t>(random >> 30);
            queue.push(event);
        }
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(queue_of_pending_events)->Arg(1000)->Arg(1'000'000);

} // namespace
} // namespace firstbyte::bgp
