#include "core/check.hpp"
#include "firstbyte/report.hpp"
#include "report/format.hpp"
#include "report/outcome_text.hpp"
#include "report/slice.hpp"
#include "report/statistics.hpp"
#include "report/thresholds.hpp"

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

/// The line that says what was run: it is enough to repeat the run.
std::string headline(const Report& report) {
    const Scenario& scenario = *report.scenario;
    const VariantResults& variant = report.variants.front();
    std::string out = scenario.name;
    if (!variant.name.empty() && variant.name != "base") out += "    variant " + variant.name;
    out += fmt::format("    {} x {}    seed {}", counted(variant.results->replications.size(), "replication"),
                       duration_text(scenario.run.duration), report.options.seed);
    const bool by_default = !scenario.run.seed_given && report.options.seed == scenario.run.seed;
    return out + (by_default ? " (default)\n" : "\n");
}

std::string ttfb_line(const Split<Histogram>& ttfb, double confidence) {
    if (ttfb.pooled.empty()) return "  ttfb        no request got a first byte\n";
    std::vector<std::string> items;
    for (const double q : {0.5, 0.95, 0.99}) {
        items.push_back(quantile_name(q) + " " + milliseconds(static_cast<double>(ttfb.pooled.quantile(q))));
    }
    std::vector<double> means;
    for (const Histogram& replication : ttfb.by_replication) {
        if (!replication.empty()) means.push_back(replication.mean());
    }
    std::string mean = "mean " + milliseconds(ttfb.pooled.mean());
    if (const auto interval = mean_interval(means, confidence)) {
        mean += " +/- " + milliseconds_number(interval->half_width(), millisecond_decimals(ttfb.pooled.mean()));
    } else {
        mean += " (no interval from 1 replication)";
    }
    items.push_back(mean);
    return flowed("  ttfb        ", items);
}

std::string fast_open_line(const Scenario& scenario, const ConnectionResults& connections) {
    const std::string head = "  fast open   ";
    if (!scenario.client_edge.client.fast_open.enabled && connections.with_cookie + connections.cookie_requested == 0) {
        return head + "off\n";
    }
    if (connections.opened == 0) return head + "no connection was opened\n";
    if (connections.with_cookie == 0) {
        const auto reasons = fallback_reasons(connections);
        std::string line = head + "no connection carried a cookie";
        if (!reasons.empty()) line += fmt::format("; {} of connections {}", percent(reasons[0].share), reasons[0].text);
        return line + "\n";
    }
    return head + fmt::format("{} of connections carried a valid cookie; {} of those were accepted\n",
                              percent_of(connections.with_cookie, connections.opened),
                              percent_of(connections.syn_data_accepted, connections.with_cookie));
}

std::string reuse_line(const RequestResults& requests, const ConnectionResults& connections) {
    if (connections.reused == 0) return {}; // one request on each connection: nothing to tell
    return fmt::format("  reuse       {} of requests used a connection that the client had open\n",
                       percent_of(connections.reused, count_requests(requests)));
}

/// What changes of routes broke; empty where none did anything.
std::string reroute_line(const ConnectionResults& connections, const RouteResults& routes) {
    std::vector<std::string> items;
    if (connections.reroute_broken > 0)
        items.push_back(fmt::format("{} connections broken, {} of them by RST", grouped(connections.reroute_broken),
                                    grouped(connections.reroute_reset)));
    if (connections.blackhole_broken > 0)
        items.push_back(fmt::format("{} connections given up in black holes", grouped(connections.blackhole_broken)));
    if (routes.blackholed > 0) items.push_back(grouped(routes.blackholed) + " packets lost in black holes");
    if (routes.looped > 0) items.push_back(grouped(routes.looped) + " packets lost in loops");
    if (routes.forwarded > 0) items.push_back(grouped(routes.forwarded) + " packets forwarded between PoPs");
    if (connections.retried > 0) items.push_back(grouped(connections.retried) + " requests sent again after a reset");
    for (std::size_t i = 0; i + 1 < items.size(); ++i) items[i] += ";";
    return items.empty() ? std::string() : flowed("  reroute     ", items);
}

std::string origin_line(const OriginResults& origins) {
    if (origins.requests == 0) return "  origin      no request reached an origin\n";
    std::string line = fmt::format("  origin      {} of origin requests reused a connection",
                                   percent_of(origins.reused, origins.requests));
    if (origins.retries > 0) line += fmt::format("; {} sent again after a reset", grouped(origins.retries));
    return line + "\n";
}

} // namespace

std::string run_text(const Report& report) {
    FB_ASSERT(report.variants.size() == 1, "a run has one variant");
    const Results& results = *report.variants.front().results;
    const Slice all = whole(results);
    const auto requests = requests_of(results, all);
    const auto connections = connections_of(results, all.groups);
    const auto origins = origins_of(results, all_origins(results));

    std::string out = headline(report) + "\n";
    out += outcome_lines(requests.pooled);
    out += ttfb_line(histogram_of(requests, &RequestResults::ttfb), report.options.confidence);
    out += fast_open_line(*report.scenario, connections.pooled);
    out += reuse_line(requests.pooled, connections.pooled);
    out += origin_line(origins.pooled);
    out += reroute_line(connections.pooled, routes_of(results, std::nullopt).pooled);
    out += outcome_table(results, requests.pooled);
    return out + thresholds_text(report);
}

} // namespace firstbyte
